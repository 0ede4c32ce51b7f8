// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ChannelConfig} from "./Channel.sol";

/**
 * @title The books of all channels
 * @notice What each channel and each receiver has. Who may ask for a change is not decided here: {BatchSettlement}
 * does. Here stand the rules no one can ask to bend. Of a channel, always: claimed ≤ balance, and balance is all
 * deposits minus all that went back. Of a receiver: sent ≤ claimed. The books change before coin leaves.
 */
abstract contract ChannelBooks {
    using SafeERC20 for IERC20;

    /// @notice What a channel holds: everything ever put in and not gone back, and how much of it is claimed.
    struct Channel {
        uint128 balance;
        uint128 totalClaimed;
    }

    /// @notice Coin the payer asked back, and when; `initiatedAt` 0 means none.
    struct Withdrawal {
        uint128 amount;
        uint40 initiatedAt;
    }

    /// @notice What a receiver claimed of one token in all channels, and how much of it was sent.
    struct Earnings {
        uint128 totalClaimed;
        uint128 totalSettled;
    }

    mapping(bytes32 channelId => Channel) public channels;
    mapping(bytes32 channelId => Withdrawal) public pendingWithdrawals;
    mapping(address receiver => mapping(address token => Earnings)) public receivers;
    /// @notice The number the next signed refund of a channel must carry.
    mapping(bytes32 channelId => uint256) public refundNonce;

    event ChannelCreated(bytes32 indexed channelId, ChannelConfig config);
    event ChannelClosed(bytes32 indexed channelId, ChannelConfig config);
    event Deposited(bytes32 indexed channelId, address indexed sender, uint128 amount, uint128 balance);
    event Claimed(bytes32 indexed channelId, address indexed sender, uint128 amount, uint128 totalClaimed);
    event Settled(address indexed receiver, address indexed token, address indexed sender, uint128 amount);
    event Refunded(bytes32 indexed channelId, address indexed sender, uint128 amount);
    event WithdrawInitiated(bytes32 indexed channelId, uint128 amount, uint40 finalizableAt);
    event WithdrawFinalized(bytes32 indexed channelId, address indexed sender, uint128 amount);

    /// @notice No coin is no deposit, refund or withdrawal.
    error NoAmount();
    /// @notice More is claimed or asked back than the channel has.
    error AboveBalance(bytes32 channelId, uint128 available);
    /// @notice A withdrawal runs already; finish it first.
    error WithdrawalPending();
    /// @notice No withdrawal runs.
    error NoWithdrawal();
    /// @notice The withdrawal can be finished at `finalizableAt`.
    error TooEarly(uint256 finalizableAt);

    /// @dev The coin is there already.
    function _bookDeposit(bytes32 id, ChannelConfig calldata config, uint128 amount) internal {
        Channel memory channel = channels[id];
        if (channel.balance == 0) emit ChannelCreated(id, config);
        channel.balance += amount;
        channels[id] = channel;
        emit Deposited(id, msg.sender, amount, channel.balance);
    }

    /// @dev `claimed` is the new sum of all claims, and not below the old one.
    function _bookClaim(bytes32 id, ChannelConfig calldata config, uint128 claimed) internal {
        Channel memory channel = channels[id];
        require(claimed <= channel.balance, AboveBalance(id, _available(channel)));
        uint128 amount = claimed - channel.totalClaimed;
        channels[id].totalClaimed = claimed;
        receivers[config.receiver][config.token].totalClaimed += amount;
        emit Claimed(id, msg.sender, amount, claimed);
    }

    function _settle(address receiver, address token) internal {
        Earnings memory earnings = receivers[receiver][token];
        uint128 amount = earnings.totalClaimed - earnings.totalSettled;
        if (amount == 0) return;
        receivers[receiver][token].totalSettled = earnings.totalClaimed;
        emit Settled(receiver, token, msg.sender, amount);
        IERC20(token).safeTransfer(receiver, amount);
    }

    function _initiate(bytes32 id, uint40 delay, uint128 amount) internal {
        require(amount != 0, NoAmount());
        require(pendingWithdrawals[id].initiatedAt == 0, WithdrawalPending());
        uint128 available = _available(channels[id]);
        require(amount <= available, AboveBalance(id, available));
        pendingWithdrawals[id] = Withdrawal(amount, uint40(block.timestamp));
        emit WithdrawInitiated(id, amount, uint40(block.timestamp) + delay);
    }

    /// @dev Claims may have eaten some of what was asked for; what is left of it goes.
    function _finalize(bytes32 id, ChannelConfig calldata config) internal {
        Withdrawal memory pending = pendingWithdrawals[id];
        require(pending.initiatedAt != 0, NoWithdrawal());
        uint256 finalizableAt = uint256(pending.initiatedAt) + config.withdrawDelay;
        require(block.timestamp >= finalizableAt, TooEarly(finalizableAt));
        delete pendingWithdrawals[id];
        uint128 amount = _least(pending.amount, _available(channels[id]));
        emit WithdrawFinalized(id, msg.sender, amount);
        _giveBack(id, config, amount);
    }

    /// @dev The nonce moves even if nothing is left to give: a refund signed earlier is void after this one.
    function _refund(bytes32 id, ChannelConfig calldata config, uint128 asked) internal {
        require(asked != 0, NoAmount());
        ++refundNonce[id];
        uint128 amount = _least(asked, _available(channels[id]));
        if (amount == 0) return;
        Withdrawal memory pending = pendingWithdrawals[id];
        if (pending.initiatedAt != 0) {
            if (amount >= pending.amount) delete pendingWithdrawals[id];
            else pendingWithdrawals[id].amount = pending.amount - amount;
        }
        emit Refunded(id, msg.sender, amount);
        _giveBack(id, config, amount);
    }

    function _giveBack(bytes32 id, ChannelConfig calldata config, uint128 amount) private {
        if (amount == 0) return;
        uint128 left = channels[id].balance - amount;
        channels[id].balance = left;
        if (left == 0) emit ChannelClosed(id, config);
        IERC20(config.token).safeTransfer(config.payer, amount);
    }

    function _available(Channel memory channel) private pure returns (uint128) {
        return channel.balance - channel.totalClaimed;
    }

    function _least(uint128 one, uint128 other) private pure returns (uint128) {
        return one < other ? one : other;
    }
}

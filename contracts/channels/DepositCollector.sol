// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IDepositCollector} from "./Channel.sol";

/// @dev The overload of ERC-3009 that keys and contracts can both sign for.
interface IReceiveWithAuthorization {
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}

/**
 * @title Brings a payer's coin into a channel by a signed transfer (ERC-3009)
 * @notice The payer signs "this collector may receive so much from me", with a nonce that is the hash of
 * the channel and a salt. So the signature is good for that channel alone, and once; and only the channel
 * contract at its one address may use it, since whoever calls is who gets the coin.
 */
contract DepositCollector is IDepositCollector {
    using SafeERC20 for IERC20;

    /// @notice x402's channel contract, at the same address on every chain.
    address public constant CHANNELS = 0x4020074e9dF2ce1deE5A9C1b5c3f541D02a10003;

    /// @notice Only the channel contract collects.
    error NotChannels(address caller);

    /**
     * @notice Moves `amount` from `payer` to the channel contract.
     * @param data `abi.encode(uint256 validAfter, uint256 validBefore, uint256 salt, bytes signature)`
     */
    function collect(address payer, address token, uint256 amount, bytes32 channelId, bytes calldata data) external {
        require(msg.sender == CHANNELS, NotChannels(msg.sender));
        (uint256 validAfter, uint256 validBefore, uint256 salt, bytes memory signature) =
            abi.decode(data, (uint256, uint256, uint256, bytes));
        bytes32 nonce = keccak256(abi.encode(channelId, salt));
        IReceiveWithAuthorization(token).receiveWithAuthorization(
            payer, address(this), amount, validAfter, validBefore, nonce, signature
        );
        IERC20(token).safeTransfer(CHANNELS, amount);
    }
}

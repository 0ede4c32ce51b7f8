// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The terms of a channel, fixed for ever: its identity is their hash on this chain.
struct ChannelConfig {
    /// Whose coin goes in and to whom what is left goes back.
    address payer;
    /// The key that signs vouchers; zero: `payer` itself does, a key or a contract (ERC-1271).
    address payerAuthorizer;
    /// Who earns.
    address receiver;
    /// Who signs claims and refunds for the receiver, a key or a contract.
    address receiverAuthorizer;
    /// The coin.
    address token;
    /// Seconds the payer waits to take coin back alone.
    uint40 withdrawDelay;
    /// Makes another channel of the same terms.
    bytes32 salt;
}

/// @notice "I owe you up to so much on this channel, all vouchers before this one included."
struct Voucher {
    ChannelConfig channel;
    uint128 maxClaimableAmount;
}

/// @notice A voucher, the payer's signature of it, and how much of it is claimed, all claims before included.
struct VoucherClaim {
    Voucher voucher;
    bytes signature;
    uint128 totalClaimed;
}

/**
 * @title What a channel contract asks of those who bring coin
 * @notice Called once in a deposit; must leave `amount` more of `token` with the caller.
 */
interface IDepositCollector {
    function collect(address payer, address token, uint256 amount, bytes32 channelId, bytes calldata data) external;
}

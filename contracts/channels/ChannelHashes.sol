// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChannelConfig, VoucherClaim} from "./Channel.sol";

/**
 * @title What is signed about channels
 * @notice The EIP-712 digests of x402's `batch-settlement` scheme on EVM chains, version 2, under the
 * domain ("x402 Batch Settlement", "1", this chain, this contract). The domain is hashed anew each time,
 * so the code needs no constructor and may stand at any address from a chain's first block on.
 */
library ChannelHashes {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME_HASH = keccak256("x402 Batch Settlement");
    bytes32 private constant VERSION_HASH = keccak256("1");
    bytes32 private constant CHANNEL_TYPEHASH = keccak256(
        "ChannelConfig(address payer,address payerAuthorizer,address receiver,address receiverAuthorizer,address token,uint40 withdrawDelay,bytes32 salt)"
    );
    bytes32 private constant VOUCHER_TYPEHASH = keccak256("Voucher(bytes32 channelId,uint128 maxClaimableAmount)");
    bytes32 private constant REFUND_TYPEHASH = keccak256("Refund(bytes32 channelId,uint256 nonce,uint128 amount)");
    bytes32 private constant ENTRY_TYPEHASH =
        keccak256("ClaimEntry(bytes32 channelId,uint128 maxClaimableAmount,uint128 totalClaimed)");
    bytes32 private constant BATCH_TYPEHASH = keccak256(
        "ClaimBatch(ClaimEntry[] claims)ClaimEntry(bytes32 channelId,uint128 maxClaimableAmount,uint128 totalClaimed)"
    );

    /// @notice The hash of this contract's signing domain on this chain.
    function domain() internal view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
    }

    /// @notice The identity of the channel with these terms.
    function channelId(bytes32 domain_, ChannelConfig calldata config) internal pure returns (bytes32) {
        return digest(domain_, keccak256(abi.encode(CHANNEL_TYPEHASH, config)));
    }

    /// @notice What the payer's side signs to owe up to `max` on a channel.
    function voucher(bytes32 domain_, bytes32 id, uint128 max) internal pure returns (bytes32) {
        return digest(domain_, keccak256(abi.encode(VOUCHER_TYPEHASH, id, max)));
    }

    /// @notice What the receiver's authorizer signs to give `amount` back.
    function refund(bytes32 domain_, bytes32 id, uint256 nonce, uint128 amount) internal pure returns (bytes32) {
        return digest(domain_, keccak256(abi.encode(REFUND_TYPEHASH, id, nonce, amount)));
    }

    /// @notice The hash of one line of a batch of claims.
    function entry(bytes32 id, uint128 max, uint128 claimed) internal pure returns (bytes32) {
        return keccak256(abi.encode(ENTRY_TYPEHASH, id, max, claimed));
    }

    /// @notice What the receiver's authorizer signs to claim all `entries`, in their order.
    function batch(bytes32 domain_, bytes32[] memory entries) internal pure returns (bytes32) {
        return digest(domain_, keccak256(abi.encode(BATCH_TYPEHASH, keccak256(abi.encodePacked(entries)))));
    }

    function digest(bytes32 domain_, bytes32 structHash) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, hex"1901")
            mstore(add(free, 0x02), domain_)
            mstore(add(free, 0x22), structHash)
            hash := keccak256(free, 0x42)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Trees of what everybody has been paid so far
 * @notice A payout tree is OpenZeppelin's StandardMerkleTree of `(address who, uint256 cumulative)`:
 * the leaf is hashed twice, each pair is sorted. `cumulative` is all that `who` was ever due, so a
 * later tree takes the place of an earlier one, and who has not claimed for a year loses nothing.
 */
library PayoutTree {
    /// @notice Lists that belong together are of different length.
    error LengthsDiffer();

    /// @notice The root of the tree in which `proof` leads from the leaf `(who, cumulative)`.
    function rootOf(address who, uint256 cumulative, bytes32[] calldata proof) internal pure returns (bytes32 node) {
        node = _leaf(who, cumulative);
        for (uint256 i = 0; i < proof.length; ++i) {
            node = _parent(node, proof[i]);
        }
    }

    /// @dev Two hashes, so that no inner node of 64 bytes can pass for a leaf.
    function _leaf(address who, uint256 cumulative) private pure returns (bytes32 leaf) {
        assembly ("memory-safe") {
            mstore(0x00, and(who, 0xffffffffffffffffffffffffffffffffffffffff))
            mstore(0x20, cumulative)
            mstore(0x00, keccak256(0x00, 0x40))
            leaf := keccak256(0x00, 0x20)
        }
    }

    function _parent(bytes32 one, bytes32 other) private pure returns (bytes32 parent) {
        (bytes32 low, bytes32 high) = one < other ? (one, other) : (other, one);
        assembly ("memory-safe") {
            mstore(0x00, low)
            mstore(0x20, high)
            parent := keccak256(0x00, 0x40)
        }
    }
}

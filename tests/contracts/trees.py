"""Payout trees as OpenZeppelin's StandardMerkleTree makes them of (address, uint256), in short."""

from collections.abc import Mapping
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_hash.auto import keccak


@dataclass(frozen=True)
class PayoutTree:
    root: bytes
    proofs: Mapping[bytes, list[bytes]]
    total: int


def payout_tree(cumulative: Mapping[bytes, int]) -> PayoutTree:
    """Root, proof by address, and the sum of all leaves. At least one leaf."""
    leaves = {who: _leaf(who, amount) for who, amount in cumulative.items()}
    heap = [b""] * (len(leaves) - 1) + sorted(leaves.values(), reverse=True)
    for place in range(len(leaves) - 2, -1, -1):
        heap[place] = _parent(heap[2 * place + 1], heap[2 * place + 2])
    proofs = {who: _proof(heap, heap.index(leaf)) for who, leaf in leaves.items()}
    return PayoutTree(heap[0], proofs, sum(cumulative.values()))


def _leaf(who: bytes, amount: int) -> bytes:
    return bytes(keccak(keccak(encode(["address", "uint256"], [who, amount]))))


def _parent(one: bytes, other: bytes) -> bytes:
    return bytes(keccak(b"".join(sorted((one, other)))))


def _proof(heap: list[bytes], place: int) -> list[bytes]:
    proof = []
    while place > 0:
        proof.append(heap[place + 1 if place % 2 else place - 1])
        place = (place - 1) // 2
    return proof

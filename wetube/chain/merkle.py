"""Who may claim how much, as one hash: OpenZeppelin's StandardMerkleTree of (address, uint256).

Leaves are hashed twice, sorted by hash, and laid at the end of one array in which
the parent of node i is node (i − 1) // 2; a pair is hashed smaller half first.
"""

from collections.abc import Sequence

from wetube.chain import addresses
from wetube.chain.hashing import keccak


class EmptyTree(ValueError):
    """There is no root of nothing."""


def leaf(who: str, amount: int) -> bytes:
    """The hash of one leaf, twice hashed so that no inner node can pass for it."""
    return keccak(keccak(addresses.raw(who).rjust(32, b"\0") + amount.to_bytes(32)))


class Tree:
    """The tree over `leaves`, kept whole: 100 000 of them are some 20 MB.

    Raises EmptyTree for none, and BadAddress.
    """

    def __init__(self, leaves: Sequence[tuple[str, int]]) -> None:
        if not leaves:
            raise EmptyTree("A tree needs at least one leaf.")
        hashes = [leaf(who, amount) for who, amount in leaves]
        order = sorted(range(len(leaves)), key=hashes.__getitem__)
        inner = len(leaves) - 1
        # The smallest hash stands last.
        self._nodes = [b""] * inner + [hashes[index] for index in reversed(order)]
        self._place = {index: 2 * inner - place for place, index in enumerate(order)}
        for parent in range(inner - 1, -1, -1):
            self._nodes[parent] = _pair(self._nodes[2 * parent + 1], self._nodes[2 * parent + 2])

    @property
    def root(self) -> bytes:
        return self._nodes[0]

    def proof(self, index: int) -> list[bytes]:
        """The siblings on the way from the leaf given at `index` up to the root."""
        node, siblings = self._place[index], []
        while node > 0:
            siblings.append(self._nodes[node + 1 if node % 2 else node - 1])
            node = (node - 1) // 2
        return siblings


def root_by(proof: Sequence[bytes], start: bytes) -> bytes:
    """The root that `proof` leads to from the leaf's hash `start`."""
    for sibling in proof:
        start = _pair(start, sibling)
    return start


def _pair(one: bytes, other: bytes) -> bytes:
    return keccak(one + other if one < other else other + one)

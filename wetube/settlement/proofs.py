"""Proofs: what anyone needs to claim a payout on chain, for themselves or for somebody else."""

from dataclasses import dataclass
from functools import lru_cache

from wetube.chain.merkle import Tree
from wetube.settlement import rooting
from wetube.settlement.models import PayoutRoot


class NotInThisPayout(LookupError):
    """The address has no leaf under this root."""


@dataclass(frozen=True)
class Claim:
    """The arguments of the vault's `claim`: `cumulative` in drops, `proof` as 32 bytes each."""

    address: str
    cumulative: int
    proof: list[bytes]


class PayoutTree:
    """A root's leaves and the way from each to the root."""

    def __init__(self, leaves: list[tuple[str, int]]) -> None:
        self._tree = Tree(leaves)
        self._leaves = leaves
        self._places = {address: place for place, (address, _) in enumerate(leaves)}

    @property
    def root(self) -> str:
        return f"0x{self._tree.root.hex()}"

    def claim(self, address: str) -> Claim:
        """What the address may claim. Raises NotInThisPayout."""
        place = self._places.get(address)
        if place is None:
            raise NotInThisPayout(address)
        return Claim(address, self._leaves[place][1], self._tree.proof(place))


def of(root: PayoutRoot) -> PayoutTree:
    """The root's tree; the newest few stay in memory."""
    return _of(root.seq, root.root)


@lru_cache(maxsize=2)
def _of(seq: int, root: str) -> PayoutTree:
    return PayoutTree(rooting.leaves_of(PayoutRoot.objects.get(seq=seq, root=root)))

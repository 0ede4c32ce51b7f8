"""How an epoch's new coin is shared: by bytes served, and bound by what the gateway kept for them.

Bytes alone are cheap to fake: a node and a viewer of its own could serve each other all day. What
the view cost bounds little either, where viewer, creator and operator are one person under three
names: most of it comes back to them. The gateway's fee does not. So no view brings more new
coin than a fee that somebody has lost by it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Work:
    """What a node at `address` did for one view or some: bytes it served, and the drops that the
    gateway kept of what these views cost.
    """

    address: str
    served: int
    fee: int


def share(reward: int, works: Sequence[Work], *, factor: int) -> dict[str, int]:
    """Drops for each address: its works' part of the bytes, of each at most `factor` times its fee.

    The bound is each work's own, so that a view that cost next to nothing takes nothing of what
    others' fees allow, neither theirs nor its own node's. What it leaves over goes to the
    others by their bytes. Rounded down; what nobody may have is not minted. Who earns nothing is
    not in it.
    """
    cheapest_first = sorted(
        (work for work in works if work.served), key=lambda work: Fraction(work.fee, work.served)
    )
    shares: defaultdict[str, int] = defaultdict(int)
    by_bytes: defaultdict[str, int] = defaultdict(int)
    left, served = reward, sum(work.served for work in cheapest_first)
    for work in cheapest_first:
        most = work.fee * factor
        if most * served < left * work.served:  # less than its part, before rounding
            shares[work.address] += most
            left, served = left - most, served - work.served
        else:
            by_bytes[work.address] += work.served
    for address, size in by_bytes.items():
        shares[address] += left * size // served
    return {address: drops for address, drops in shares.items() if drops}

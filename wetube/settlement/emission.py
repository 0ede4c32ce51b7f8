"""How an epoch's new coin is shared: by bytes served, and bound by what was paid for them.

Bytes alone are cheap to fake: a node and a viewer of its own could serve each other all day. So
what a node can earn is also bound by what the views it served cost: faking them costs real coin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Work:
    """What a node at `address` did: bytes it served, and the drops paid for views it served."""

    address: str
    served: int
    paid: int


def share(reward: int, works: Sequence[Work], *, factor: int) -> dict[str, int]:
    """Drops for each address: its part of the bytes, at most `factor` times what was paid.

    What that bound leaves over goes to the others by their bytes: who claims bytes that hardly
    anything was paid for takes nothing from them. Rounded down; what nobody may have is not minted.
    Who earns nothing is not in it.
    """
    worst_paid_first = sorted(
        (work for work in works if work.served), key=lambda work: Fraction(work.paid, work.served)
    )
    shares: dict[str, int] = {}
    left, served = reward, sum(work.served for work in worst_paid_first)
    for work in worst_paid_first:
        most = work.paid * factor
        if most * served < left * work.served:  # less than its part, before rounding
            shares[work.address] = most
            left, served = left - most, served - work.served
        else:
            shares[work.address] = left * work.served // served
    return {address: drops for address, drops in shares.items() if drops}

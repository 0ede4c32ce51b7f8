"""How an epoch's new coin is shared: by bytes served, and bound by what was paid for them.

Bytes alone are cheap to fake: a node and a viewer of its own could serve each other all day. So
what a node can earn is also bound by what the views it served cost: faking them costs real coin.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """What a node at `address` did: bytes it served, and the drops paid for views it served."""

    address: str
    served: int
    paid: int


def share(reward: int, works: Sequence[Work], *, factor: int) -> dict[str, int]:
    """Drops for each address: its part of the bytes, at most `factor` times what was paid.

    Rounded down; what nobody may have is not minted. Who earns nothing is not in it.
    """
    served = sum(work.served for work in works)
    if not served:
        return {}
    shares = {
        work.address: min(reward * work.served // served, work.paid * factor) for work in works
    }
    return {address: drops for address, drops in shares.items() if drops}

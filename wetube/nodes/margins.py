"""How many parts are missing, and whether it is time to make them anew.

Not at the first loss: reading and sending anew costs more than waiting for a node that comes
back. Coded parts are made anew when healthy ≤ k + 1 + (n − k) / 3, whole copies when one is lost.
Once begun it goes on until all are there again.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """Leases of one placement: held by nodes that are there, by silent ones, and on their way."""

    healthy: int
    silent: int
    coming: int


def trusted(count: Count, *, wanted: int, is_coded: bool) -> int:
    """Parts that count as there. Silent nodes may come back: whole copies with them count as long
    as two others answer, coded parts with them do not.
    """
    if not is_coded and count.healthy >= min(2, wanted):
        return count.healthy + count.silent
    return count.healthy


def threshold(*, needed: int, wanted: int, is_coded: bool) -> int:
    """With so many parts that count, or fewer, it is time."""
    if is_coded:
        return min(needed + 1 + (wanted - needed) // 3, wanted - 1)
    return wanted - 1

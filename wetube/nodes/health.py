"""How well a content is kept: for the badge on videos and files."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from wetube.nodes import margins
from wetube.nodes.models import Placement


@dataclass(frozen=True, slots=True)
class Health:
    """`copies` are whole copies, or shards of which `needed` are enough; `wanted` how many there
    should be. `is_safe`: above the margin at which missing ones are made anew. `key` names the
    page about it.
    """

    key: str
    copies: int
    wanted: int
    needed: int
    is_coded: bool
    is_safe: bool
    is_readable: bool
    paid_until: datetime | None
    last_proof: datetime | None


def of(root: str) -> Health | None:
    """None where nodes were never asked to keep it."""
    return many([root]).get(root)


def many(roots: Collection[str]) -> Mapping[str, Health]:
    """Of several contents, by root; one query."""
    rows = Placement.objects.standing().filter(root__in=[root for root in roots if root])
    return {placement.root: _health(placement) for placement in rows}


def _health(placement: Placement) -> Health:
    margin = margins.threshold(
        needed=placement.needed, wanted=placement.wanted, is_coded=placement.is_coded
    )
    return Health(
        key=placement.key,
        copies=placement.healthy,
        wanted=placement.wanted,
        needed=placement.needed,
        is_coded=placement.is_coded,
        is_safe=placement.healthy > margin,
        is_readable=placement.healthy >= placement.needed,
        paid_until=placement.paid_until,
        last_proof=placement.last_proof,
    )

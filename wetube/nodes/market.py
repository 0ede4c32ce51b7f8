"""What nodes ask now, and how much of what they offer is in use: for those who think of joining."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import median_low

from django.core.cache import cache
from django.db.models import Sum

from wetube.nodes.models import Lease, Node

KEPT = 60  # seconds an answer is good for
KEY = "nodes:market"


@dataclass(frozen=True, slots=True)
class Market:
    """Median prices in drops of the nodes that take work now; `in_use` is from 0 to 1.

    storage: a GiB and 30 days; delivery: a GiB; compute: an output second, by rung
    in_use: leased bytes of all that is offered; None while nothing is
    """

    storage: int
    delivery: int
    compute: dict[str, int]
    in_use: float | None


def now() -> Market:
    """The market as it was at most a minute ago."""
    known: Market | None = cache.get(KEY)
    if known is None:
        known = _look()
        cache.set(KEY, known, KEPT)
    return known


def _look() -> Market:
    storage: list[int] = []
    delivery: list[int] = []
    compute: defaultdict[str, list[int]] = defaultdict(list)
    offered = 0
    for prices, capacity in Node.objects.taking().values_list("prices", "capacity"):
        storage.append(prices.get("storage", 0))
        delivery.append(prices.get("delivery", 0))
        offered += capacity
        for rung, price in prices.get("compute", {}).items():
            compute[rung].append(price)
    leased = Lease.objects.running().filter(node__in=Node.objects.taking())
    used = leased.aggregate(size=Sum("size"))["size"] or 0
    return Market(
        storage=median_low(storage) if storage else 0,
        delivery=median_low(delivery) if delivery else 0,
        compute={rung: median_low(asked) for rung, asked in sorted(compute.items())},
        in_use=min(used / offered, 1.0) if offered else None,
    )

"""What a node asks for computation, and whether this gateway pays that. Drops an output second."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import F, FloatField, Sum
from django.db.models.functions import Cast

from node_bridge.network.descriptions import Prices
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account
from wetube.nodes.models import Job, Node


def of(node: Node, rungs: Sequence[str]) -> int | None:
    """The node's price of one second at all these rungs; None where it asks more than the gateway
    pays (COMPUTE_PRICE_LIMIT a rung).
    """
    asked = Prices(0, 0, node.prices.get("compute", {})).for_rungs(rungs)
    return None if asked > settings.COMPUTE_PRICE_LIMIT * len(rungs) else asked


def due(price: int, seconds: float) -> int:
    """Drops for so many seconds, by whole milliseconds, rounded down."""
    return price * round(seconds * 1000) // 1000


def is_covered(job: Job, price: int) -> bool:
    """Whether the nodes' account holds this job's price beside all that is under way or unpaid."""
    under_way = Job.objects.filter(state__in=Job.LIVE).exclude(state=Job.State.OFFERED)
    worth = Cast(F("price"), FloatField()) * F("seconds")
    promised = under_way.aggregate(drops=Sum(worth))["drops"] or 0
    owed = Job.objects.unpaid().aggregate(drops=Sum("earned"))["drops"] or 0
    have = ledger.house(Account.Kind.NODES).available
    return have >= due(price, job.seconds) + round(promised) + owed

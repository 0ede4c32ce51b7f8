"""Which nodes get a new lease: by free space and reputation, never two of one operator."""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Sum
from django.utils import timezone

from node_bridge.network import placement as rendezvous
from node_bridge.network.placement import Candidate
from wetube.nodes import refusing
from wetube.nodes.models import Lease, Node, Placement, Refusal
from wetube.nodes.models.operators import MICRO, NodeQuerySet

SHY = timedelta(hours=6)  # who refused or lost a part is not given its like before
ROOM = 1 << 20  # bytes a node keeps free beside what we ask for


def operators() -> int:
    """Independent operators that take new leases now."""
    return _taking().values("operator").distinct().count()


def choose(placement: Placement, count: int) -> list[Node]:
    """At most `count` nodes for more parts of this placement, best first; with a few queries more
    whatever the number of nodes.
    """
    held = list(
        Lease.objects.filter(placement=placement, state__in=(*Lease.RUNNING, Lease.State.ENDING))
        .exclude(node__state__in=(Node.State.LOST, Node.State.REFUSED))
        .values_list("node__operator_id", "node__prefix")
    )
    nodes = {node.peer_id: node for node in _able(placement)}
    chosen = rendezvous.choose(
        placement.root,
        _weighed(list(nodes.values()), placement.size),
        count,
        operators={str(operator) for operator, _ in held},
        prefixes={prefix for _, prefix in held},
    )
    return [nodes[candidate.peer_id] for candidate in chosen]


def rank(placement: Placement, nodes: Collection[Node]) -> list[Node]:
    """Nodes that hold a part, the one that should keep it longest first."""
    known = {node.peer_id: node for node in nodes}
    ranked = rendezvous.ranked(placement.root, _weighed(list(nodes), 0))
    first = [known.pop(candidate.peer_id) for candidate in ranked]
    return [*first, *known.values()]


def price_of(node: Node) -> int | None:
    """What it asks for a GiB and 30 days, in drops; None when that is more than we pay."""
    price = int(node.prices.get("storage", 0))
    return price if price <= settings.STORAGE_PRICE_LIMIT else None


def _taking() -> NodeQuerySet:
    return Node.objects.taking().filter(prices__storage__lte=settings.STORAGE_PRICE_LIMIT)


def _able(placement: Placement) -> NodeQuerySet:
    lately = timezone.now() - SHY
    declined = (Lease.State.REFUSED, Lease.State.LOST)
    shy = Lease.objects.filter(placement=placement, state__in=declined, state_since__gt=lately)
    willing = _taking().filter(free__gte=placement.size + ROOM).exclude(leases__in=shy)
    if not placement.is_coded and refusing.of(placement.root):  # then nobody is asked to keep it
        return willing.none()
    decliners = Refusal.objects.filter(cid=placement.root, lifted=None)
    return willing.exclude(operator__in=decliners.values("operator_id"))


def _weighed(nodes: list[Node], size: int) -> list[Candidate]:
    """Free space as the node says, less what was promised it and has not arrived."""
    coming = dict(
        Lease.objects.filter(node__in=nodes, state__in=(Lease.State.ASKED, Lease.State.FETCHING))
        .values_list("node_id")
        .order_by()
        .annotate(Sum(F("size")))
    )
    return [
        Candidate(
            node.peer_id,
            str(node.operator_id),
            node.prefix,
            max(0, node.free - coming.get(node.pk, 0) - size) * node.reputation / MICRO,
        )
        for node in nodes
    ]

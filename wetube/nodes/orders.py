"""Issuing order limits: which nodes a viewer may take a paid film from, at the view's cost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone

from node_bridge.network import orders
from node_bridge.network.identity import BadPeerId, public_key
from node_bridge.network.orders import GIB
from wetube.cloudcoin.models import Charge
from wetube.content.models import Content
from wetube.nodes import identity
from wetube.nodes.models import Lease, Node, OrderLimit

MOST_NODES = 4  # a view is served by at once
MOST_LIMITS = 200  # a view ever gets
MOST_OPEN = 4  # of a view at one node that run, or that nothing was signed for
MOST_ORIGINS = 8
ORIGIN = re.compile(r"https://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?")
SHORTEST = timedelta(seconds=30)  # a limit that ends sooner is not worth a request


class NoOrders(Exception):
    """Nothing may be ordered for this view; the gateway serves it."""


@dataclass(frozen=True)
class Offer:
    """An order limit as a client gets it: what it is for, where, and the signed `token`."""

    node: str
    url: str
    root: str
    token: str
    serial: str
    max_bytes: int
    price: int
    expires: int


def for_view(charge: Charge, *, root: str, client: str) -> list[Offer]:
    """Order limits for a paid view, at most one a node; the same again while they are fresh.

    `client` is the PeerId the viewer's browser made for this page. Empty when no node has the
    content for what the view pays. Raises NoOrders.
    """
    _check_client(client)
    size = room_of(root)
    with transaction.atomic():
        standing = Charge.objects.select_for_update(no_key=True, of=("self",))
        charge = standing.select_related("tab__account").get(pk=charge.pk)
        until = _until(charge)
        if client in _peers_of(holders(root)):
            raise NoOrders("A node does not buy from nodes as a viewer.")
        limits = [
            limit
            for node in _sellers(charge, root, size)
            if (limit := _limit(charge, node, (root, size, client), until))
        ]
    return [offer(limit) for limit in limits]


def offer(limit: OrderLimit) -> Offer:
    """The limit signed; a second time it is the same statement."""
    me = identity.own()
    said = orders.OrderLimit(
        gateway=me.peer_id,
        client=limit.client,
        node=limit.node.peer_id,
        serial=limit.serial,
        root=limit.root,
        max_bytes=limit.max_bytes,
        price=limit.price,
        expires=int(limit.expires.timestamp()),
    )
    return Offer(
        node=said.node,
        url=limit.node.urls[0] if limit.node.urls else "",
        root=said.root,
        token=orders.issue(me, said),
        serial=said.serial,
        max_bytes=said.max_bytes,
        price=said.price,
        expires=said.expires,
    )


def holders(root: str) -> list[Node]:
    """Nodes that hold this open or closed content whole and are there now, the best first."""
    leases = Lease.objects.readable().filter(cid=root, placement__kind="whole", node=OuterRef("pk"))
    there = Node.objects.filter(Exists(leases)).select_related("operator")
    return list(there.order_by("-alpha", "pk")[: MOST_NODES * 4])


def received(charge: Charge) -> int:
    """Bytes of this view that nodes were receipted for so far."""
    limits = OrderLimit.objects.filter(charge=charge)
    return int(limits.aggregate(sum=Sum("received"))["sum"] or 0)


def origins(root: str) -> list[str]:
    """Where a browser may have to go for this content: origins, safe to write in a policy."""
    urls = (node.urls[0] for node in holders(root) if node.urls)
    return sorted({url for url in urls if ORIGIN.fullmatch(url)})[:MOST_ORIGINS]


def room_of(root: str) -> int:
    """Bytes a client may take to have all of a content, its tree's nodes included; 0 if unknown."""
    size = Content.objects.filter(cid=root).values_list("size", flat=True).first()
    return size + size // 64 + (1 << 20) if size else 0


def expiry(now: datetime, until: datetime | None = None) -> datetime:
    """When a limit of now ends: in whole seconds, as its statement says it."""
    end = now + timedelta(seconds=settings.ORDER_SECONDS)
    return min(end, until or end).replace(microsecond=0)


def _check_client(client: str) -> None:
    try:
        public_key(client)
    except BadPeerId as error:
        raise NoOrders(str(error)) from error


def _until(charge: Charge) -> datetime:
    """When this view's pay is split; raises NoOrders when it is about to be."""
    if charge.kind != Charge.Kind.VIEW or hasattr(charge, "refund"):
        raise NoOrders("Nodes are paid by a standing view alone.")
    until = charge.at + timedelta(seconds=settings.VIEW_SPLIT_SECONDS)
    if hasattr(charge, "split") or until < timezone.now() + SHORTEST:
        raise NoOrders("What this view pays the nodes is divided already.")
    return until


def _sellers(charge: Charge, root: str, size: int) -> list[Node]:
    """Who holds it, asks no more than the view pays, and is not run by who pays."""
    if not size:
        return []
    payer, pays = charge.tab.account.owner_id, charge.nodes_share * GIB // size
    fair = [
        node
        for node in holders(root)
        if node.urls and node.operator.user_id != payer and price_of(node) <= pays
    ]
    return fair[:MOST_NODES]


def price_of(node: Node) -> int:
    """Drops a GiB the node asks for delivery."""
    return int(node.prices.get("delivery", 0))


def _peers_of(nodes: Sequence[Node]) -> set[str]:
    return {node.peer_id for node in nodes}


def _limit(
    charge: Charge, node: Node, wanted: tuple[str, int, str], until: datetime
) -> OrderLimit | None:
    """The one that runs, or a new one; None when the node has delivered the whole already."""
    root, size, client = wanted
    now = timezone.now()
    ours = OrderLimit.objects.filter(charge=charge)
    mine = ours.filter(node=node, root=root)
    running = mine.filter(client=client, expires__gt=now + SHORTEST).order_by("-expires").first()
    half = timedelta(seconds=settings.ORDER_SECONDS / 2)
    if running and running.expires > min(now + half, until - SHORTEST):
        running.node = node
        return running
    had = ours.filter(node=node).aggregate(sum=Sum("received"))["sum"] or 0
    # Each lets a client have a window for nothing, and all of them together count once.
    is_open = Q(received=0) | Q(expires__gt=now)
    if ours.filter(is_open, node=node).count() >= MOST_OPEN:
        return None
    if size <= had or ours.count() >= MOST_LIMITS:
        return None
    return OrderLimit.objects.create(
        serial=orders.new_serial(),
        node=node,
        charge=charge,
        client=client,
        root=root,
        max_bytes=size - had,
        price=charge.nodes_share * GIB // size,
        issued=now,
        expires=expiry(now, until),
    )

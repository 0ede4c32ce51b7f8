"""What the gateway itself buys from nodes for its viewers: it counts, and signs as any client does.

Only bytes of content that is sold are ordered: the views of it pay for them (splitting.py). All
else a node gives its gateway for nothing, for it is paid to keep it.
"""

from django.db import DatabaseError
from django.utils import timezone

from node_bridge.network import orders
from node_bridge.network.failures import PeerFailed
from node_bridge.network.providers import Order, Orders
from wetube.content.models import Pin
from wetube.nodes import identity
from wetube.nodes.models import Node, OrderLimit
from wetube.nodes.orders import expiry, offer, price_of

MOST_BYTES = 256 << 20  # of one order; the next one is a row away


def at(node: Node) -> Orders:
    """Makes orders of ours at this node; they raise PeerFailed when none can be written now."""

    def order(root: str) -> Order:
        try:
            return OwnOrder(_limit(node, root))
        except DatabaseError as error:
            raise PeerFailed("No order can be written now.") from error

    return order


def is_sold(root: str) -> bool:
    """Whether this content is kept for somebody, and open to nobody."""
    pins = set(Pin.objects.filter(content__cid=root).values_list("is_open", flat=True))
    return pins == {False}


class OwnOrder:
    """One order of the gateway's, as the fetcher shows it (providers.Order)."""

    def __init__(self, limit: OrderLimit) -> None:
        made = offer(limit)
        self.token = made.token
        self.max_bytes = made.max_bytes
        self._said = orders.read_limit(made.token, by=None, to=None, now=0)

    def receipt(self, size: int) -> str:
        return orders.sign(identity.own(), self._said, min(size, self.max_bytes))


def _limit(node: Node, root: str) -> OrderLimit:
    now = timezone.now()
    return OrderLimit.objects.create(
        serial=orders.new_serial(),
        node=node,
        client=identity.own().peer_id,
        root=root,
        max_bytes=MOST_BYTES,
        price=price_of(node),
        issued=now,
        expires=expiry(now),
    )

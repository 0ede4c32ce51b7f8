"""Who served a view: what its receipt says of the nodes' share."""

from wetube.cloudcoin.charges import Server
from wetube.cloudcoin.models import Charge
from wetube.nodes.models import ViewPart, ViewSplit
from wetube.nodes.orders import price_of


def of(charge: Charge) -> tuple[Server, ...]:
    """Each node and the gateway, the biggest part first; empty until the view is split.

    The amounts sum to the nodes' share.
    """
    split = ViewSplit.objects.filter(charge=charge).first()
    if split is None:
        return ()
    parts = list(split.parts.select_related("node").order_by("-size", "pk"))
    ours = charge.nodes_share - sum(part.amount for part in parts)
    found = [_server(part) for part in parts]
    found.append(Server(name="", size=split.size, amount=ours, price=None))
    return tuple(sorted(found, key=lambda server: -server.size))


def is_paid(charge: Charge) -> bool:
    """Whether nodes were paid for this view, so that new coin may follow it.

    Final inside a transaction that has opened the book.
    """
    return ViewSplit.objects.filter(charge=charge).exists()


def _server(part: ViewPart) -> Server:
    """A node is called by the end of its PeerId; one that is forgotten has no name left."""
    node = part.node
    name = f"…{node.peer_id[-8:]}" if node else "…"
    price = price_of(node) if node else None
    return Server(name=name, size=part.size, amount=part.amount, price=price)

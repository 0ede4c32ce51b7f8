"""Having a paid film from the nodes that keep it: what a page may order there, and where."""

from urllib.parse import urlencode

from django.urls import reverse

from wetube.cloudcoin.models import Charge
from wetube.nodes import orders
from wetube.nodes.orders import NoOrders, Offer
from wetube.video.models import Video

__all__ = ["NoOrders", "Offer", "address", "offers", "origins", "received"]


def offers(video: Video, charge: Charge, client: str) -> list[Offer]:
    """Orders for the page whose key `client` is; none where the gateway serves. Raises NoOrders."""
    return orders.for_view(charge, root=video.cid, client=client) if video.cid else []


def received(charge: Charge) -> int:
    """Bytes of this viewing that nodes have receipts for."""
    return orders.received(charge)


def origins(video: Video) -> list[str]:
    """The nodes a page of this film may speak to: of a paid film alone, and its holders alone."""
    return orders.origins(video.cid) if video.cid and video.price else []


def address(video: Video, charge: Charge | None, *, ticket: str = "") -> str:
    """Where this viewer's page has its orders; "" where the gateway serves."""
    if charge is None or not origins(video):
        return ""
    where = reverse("video:orders", args=[video.key])
    return f"{where}?{urlencode({'ticket': ticket})}" if ticket else where

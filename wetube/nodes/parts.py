"""The bytes of a lease on their way to its node: fetched from the gateway, or brought."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from node_bridge import NodeError
from wetube.content import grants, network
from wetube.content.models import Content
from wetube.nodes import calling, restoring, shards
from wetube.nodes.models import Lease, Placement
from wetube.nodes.orders import price_of

FETCH_SECONDS = 12 * 3600  # a grant to fetch a part
SLOWEST = 100_000  # bytes a second at which a part is still brought
MOST_HOLDERS = 4  # named as places to fetch from
LOCAL = {"localhost", "127.0.0.1", "::1"}

# A URL, or a node: url, peer_id, certificate (hex sha256), and what is paid for a GiB.
Source = str | dict[str, str]


class PartUnavailable(Exception):
    """The bytes cannot be had now; later they may."""


def sources(lease: Lease) -> list[Source]:
    """Where a node may fetch the part by itself; nothing where it is to be brought.

    Other nodes that hold it come first, each with what it is to be owed; the gateway is last.
    Private parts are brought: they are named to nobody but their holder.
    """
    placement = lease.placement
    address = urlsplit(settings.GATEWAY_URL)
    is_reachable = address.scheme == "https" or address.hostname in LOCAL
    if placement.is_coded or not is_reachable:
        return []
    if not Content.objects.filter(cid=placement.root, pins__isnull=False).exists():
        return []
    return [*_holders(lease), grants.to_read(placement.root, seconds=FETCH_SECONDS)[0]]


def _holders(lease: Lease) -> list[Source]:
    """Nodes of others that hold the same and ask no more for it than this one would itself."""
    held = Lease.objects.readable().filter(cid=lease.cid, placement__kind=Placement.Kind.WHOLE)
    others = held.exclude(node__operator=lease.node.operator_id).select_related("node")
    nodes = {other.node.pk: other.node for other in others.order_by("-proved", "pk")}
    fair = [node for node in nodes.values() if price_of(node) <= price_of(lease.node) and node.urls]
    return [
        {
            "url": node.urls[0],
            "others": node.urls[1:],
            "peer_id": node.peer_id,
            "certificate": node.certificate,
            "authorization": f"Debt {price_of(node)}",
        }
        for node in fair[:MOST_HOLDERS]
    ]


def bring(lease: Lease) -> None:
    """Send the whole part to the node, made anew before where we have it no more.

    Raises PartUnavailable, NodeSilent, NodeSaysNo.
    """
    try:
        if not shards.on_hand(lease):
            restoring.restore(lease)
        archive: Iterator[bytes] = network.engine().export_car(lease.cid)
    except (NodeError, network.Unreachable, network.Full) as error:
        raise PartUnavailable(str(error)) from error
    path = f"/wt/v1/leases/{lease.serial}/blocks"
    calling.push(lease.node, path, archive, seconds=60 + lease.size / SLOWEST)


def forget(lease: Lease) -> None:
    """What was made anew for this lease need not lie here any more; safe to repeat."""
    network.let_go(restoring.holder(lease))

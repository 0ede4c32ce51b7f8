"""The bytes of a lease on their way to its node: fetched from the gateway, or brought."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from node_bridge import NodeError
from wetube.content import grants, network
from wetube.content.models import Content
from wetube.nodes import calling, restoring, shards
from wetube.nodes.models import Lease, Placement

FETCH_SECONDS = 12 * 3600  # a grant to fetch a part
SLOWEST = 100_000  # bytes a second at which a part is still brought
LOCAL = {"localhost", "127.0.0.1", "::1"}


class PartUnavailable(Exception):
    """The bytes cannot be had now; later they may."""


def sources(placement: Placement) -> list[str]:
    """Where a node may fetch the part by itself; nothing where it is to be brought.

    Private parts are brought: they are named to nobody but their holder.
    """
    address = urlsplit(settings.GATEWAY_URL)
    is_reachable = address.scheme == "https" or address.hostname in LOCAL
    if placement.is_coded or not is_reachable:
        return []
    if not Content.objects.filter(cid=placement.root, pins__isnull=False).exists():
        return []
    return [grants.to_read(placement.root, seconds=FETCH_SECONDS)[0]]


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

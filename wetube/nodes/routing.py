"""Who has the bytes of open content: this gateway, and the nodes that hold a lease on them."""

from collections.abc import Iterable, Iterator, Sequence

from channels.db import database_sync_to_async
from django.conf import settings

from gateway import Peer
from node_bridge.network.multiaddrs import NotHttp, of_url
from wetube.nodes import identity
from wetube.nodes.models import Lease, Node

MOST = 100  # nodes told of at once


class SiteRouter:
    """The gateway's Router, answered from the rows."""

    async def providers(self, cid: str) -> Sequence[Peer]:
        return await database_sync_to_async(_providers)(cid)

    async def peer(self, peer_id: str) -> Peer | None:
        return await database_sync_to_async(_peer)(peer_id)


def own() -> Peer:
    """This gateway as its peers see it."""
    return Peer(identity.own().peer_id, tuple(_addresses([settings.GATEWAY_URL])))


def delegates() -> list[str]:
    """Where this gateway is, each address with its name: what pinning clients are told."""
    me = own()
    return [f"{address}/p2p/{me.peer_id}" for address in me.addrs]


def _providers(cid: str) -> list[Peer]:
    """The gateway first: it asks nothing for open bytes. Shards are told to nobody."""
    leases = Lease.objects.readable().filter(
        placement__root=cid, placement__kind="whole", placement__is_open=True, cid=cid
    )
    nodes = Node.objects.filter(leases__in=leases).distinct().order_by("-alpha", "pk")[:MOST]
    return [own(), *(_of(node) for node in nodes)]


def _peer(peer_id: str) -> Peer | None:
    me = own()
    if peer_id == me.peer_id:
        return me
    node = Node.objects.serving().filter(peer_id=peer_id).first()
    return _of(node) if node else None


def _of(node: Node) -> Peer:
    return Peer(node.peer_id, tuple(_addresses(node.urls)))


def _addresses(urls: Iterable[str]) -> Iterator[str]:
    for url in urls:
        try:
            yield of_url(url)
        except NotHttp:
            continue

"""Where the gateway itself reads what its own node lacks: from nodes that hold it under a lease."""

from collections.abc import Sequence

from django.db import DatabaseError
from django.db.models import Q

from node_bridge import Cid
from node_bridge.network.providers import Provider
from wetube.nodes import calling
from wetube.nodes.models import Lease

MOST = 10  # nodes named for one block


class LeaseFinder:
    """The Finder protocol, answered from the rows; shards are found by their column's CID."""

    def find(self, cid: Cid, root: Cid) -> Sequence[Provider]:
        held = Lease.objects.readable().filter(Q(cid=root) | Q(cid=cid)).select_related("node")
        try:
            nodes = {lease.node.peer_id: lease.node for lease in held.order_by("-proved")[:MOST]}
        except DatabaseError:
            return ()
        return [calling.provider(node) for node in nodes.values() if node.urls]

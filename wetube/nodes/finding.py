"""Where the gateway itself reads what its own node lacks: from nodes that hold it under a lease."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import DatabaseError
from django.db.models import Q

from node_bridge import Cid
from node_bridge.network.providers import Provider
from wetube.nodes import calling, own_orders
from wetube.nodes.models import Lease

MOST = 10  # nodes named for one block


class LeaseFinder:
    """The Finder protocol, answered from the rows; shards are found by their column's CID.

    What is sold to viewers is bought, all else is had for nothing.
    """

    def find(self, cid: Cid, root: Cid) -> Sequence[Provider]:
        held = Lease.objects.readable().filter(Q(cid=root) | Q(cid=cid)).select_related("node")
        try:
            nodes = {lease.node.peer_id: lease.node for lease in held.order_by("-proved")[:MOST]}
            is_sold = bool(nodes) and own_orders.is_sold(root)
        except DatabaseError:
            return ()
        there = [node for node in nodes.values() if node.urls]
        if not is_sold:
            return [calling.provider(node) for node in there]
        return [replace(calling.provider(node), paid=own_orders.at(node)) for node in there]

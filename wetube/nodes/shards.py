"""Reading shards: from our own node where they still lie, else from the nodes that hold them."""

from collections.abc import Iterable, Mapping
from functools import cache

from node_bridge import Cid, NodeError
from node_bridge import cid as cids
from node_bridge.cid import RAW
from node_bridge.network import asking
from node_bridge.network.connections import Call
from node_bridge.network.gathering import Gatherer
from node_bridge.network.providers import Provider
from node_bridge.nodes import FileNode, parse
from wetube.content import network
from wetube.nodes import calling
from wetube.nodes.models import Lease, Placement
from wetube.nodes.models.leases import LeaseQuerySet

Holders = Mapping[int, Provider]


def holders(placement: Placement, *, but: Iterable[int] = ()) -> Holders:
    """Who holds which shard number and is there to be read from; one query."""
    leases = readable(placement).exclude(index__in=list(but))
    return {lease.index: calling.provider(lease.node) for lease in leases if lease.node.urls}


def copies(placement: Placement) -> list[Provider]:
    """Who holds a whole copy and is there to be read from; one query."""
    return [calling.provider(lease.node) for lease in readable(placement) if lease.node.urls]


def readable(placement: Placement) -> LeaseQuerySet:
    return placement.leases.readable().select_related("node").order_by("index", "pk")


def gather(named: Mapping[int, Cid], holders: Holders, *, count: int) -> dict[int, bytes]:
    """`count` of these shards by number; raises coding.TooFewShards."""
    found: dict[int, bytes] = {}
    for number, cid in named.items():
        if len(found) < count and (data := own(cid)) is not None:
            found[number] = data
    rest = {number: cid for number, cid in named.items() if number not in found}
    return found | _gatherer().gather(rest, holders, count=count - len(found))


def leaves(column: Cid, holder: Provider | None) -> tuple[Cid, ...]:
    """The CIDs of a column's shards in order, by the node above them.

    Raises NodeError where neither we nor its holder give it.
    """
    if cids.parse(column).codec == RAW:
        return (column,)
    data = own(column)
    if data is None:
        data = block(holder, column)
    node = parse(data)
    if not isinstance(node, FileNode):
        raise NodeError(f"{column} is not a column.")
    return tuple(str(child) for child in node.children)


def block(holder: Provider | None, cid: Cid, *, seconds: float = 20.0) -> bytes:
    """One verified block from one node; raises NodeError."""
    if holder is None:
        raise NodeError(f"Nobody is there who holds {cid}.")
    key = cids.parse(cid)
    passes = holder.passes
    authorization = f"WeTube {passes('GET', asking.target(key))}" if passes else ""
    return asking.block(calling.connections(), holder, key, Call(seconds), authorization)


def own(cid: Cid) -> bytes | None:
    """The block from our own node, None where it is not there, or damaged."""
    try:
        return network.engine().get_block(cid)
    except NodeError:
        return None


def on_hand(lease: Lease) -> bool:
    """Whether the whole part lies in our own node."""
    try:
        return network.engine().has(lease.cid, recursive=True)
    except NodeError:
        return False


@cache
def _gatherer() -> Gatherer:
    return Gatherer(calling.connections())

"""Making a part anew from those that are left, in our own node, byte for byte the same."""

from collections.abc import Iterator, Mapping

from node_bridge import Cid, NodeError
from node_bridge import cid as cids
from node_bridge.engine import MAX_BLOCK, Limits
from node_bridge.errors import Corrupt, NotFound
from node_bridge.network import coding, pulling
from node_bridge.network.coding import Codec, TooFewShards
from node_bridge.network.fetching import Fetcher
from node_bridge.network.providers import Listed
from wetube.content import network
from wetube.nodes import calling, shards
from wetube.nodes.models import Lease
from wetube.nodes.shards import Holders


def holder(lease: Lease) -> str:
    """Under this name our node keeps a part until its new holder has it."""
    return f"lease:{lease.serial}"


def restore(lease: Lease) -> None:
    """Have the lease's part in our own node; raises NodeError where too little is left of it.

    From another holder of the same part where there is one, as when a node leaves in good order;
    else a column is made anew from k others.
    """
    try:
        _copy(lease)
    except NodeError:
        if not lease.placement.is_coded:
            raise
        made = network.store_bytes(_column(lease))
        if made != lease.cid:
            raise Corrupt(f"The column made anew is {made}, not {lease.cid}.") from None
    network.keep(lease.cid, size=lease.size, holder=holder(lease))


def _column(lease: Lease) -> Iterator[bytes]:
    """The shards of one column from k others, stripe by stripe."""
    placement, codec = lease.placement, coding.read(lease.placement.codec)
    there = shards.holders(placement, but=[lease.index])
    names = _names(placement.columns, there, but=lease.index)
    if len(names) < codec.k:
        raise TooFewShards(f"{len(names)} columns are left, {codec.k} are needed.")
    for stripe in range(min(map(len, names.values()))):
        yield _remade(codec, {n: row[stripe] for n, row in names.items()}, there, lease.index)


def _remade(codec: Codec, named: Mapping[int, Cid], there: Holders, number: int) -> bytes:
    found = shards.gather(named, there, count=codec.k)
    return codec.remake(coding.matching(found, codec.k), number)


def _names(columns: list[Cid], there: Holders, *, but: int) -> dict[int, tuple[Cid, ...]]:
    """The shards' names of every column that can be read, by number."""
    found = {}
    for number, column in enumerate(columns):
        if number == but:
            continue
        try:
            found[number] = shards.leaves(column, there.get(number))
        except NodeError:
            continue
    return found


def _copy(lease: Lease) -> None:
    """The same part from those who hold it; raises NodeError."""
    others = shards.readable(lease.placement).filter(cid=lease.cid).exclude(pk=lease.pk)
    there = [calling.provider(other.node) for other in others if other.node.urls]
    if not there:
        raise NotFound(f"Nobody is there who holds {lease.cid}.")
    fetcher = Fetcher(Listed(there), guard=calling.guard())
    try:
        limits = Limits(walk_bytes=2 * lease.size + MAX_BLOCK)
        pulling.pull(cids.parse(lease.cid), network.engine(), fetcher, limits)
    finally:
        fetcher.close()

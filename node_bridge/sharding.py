"""Reads sharded (HAMT) folders, which others make when a folder outgrows one block."""

from collections.abc import Callable, Iterator

from node_bridge import murmur3
from node_bridge.cid import DAG_PB, ParsedCid
from node_bridge.dagpb import Link
from node_bridge.engine import Limits
from node_bridge.errors import BadBlock, TooBig
from node_bridge.nodes import ShardNode

Load = Callable[[ParsedCid], ShardNode]


def find(shard: ShardNode, name: str, load: Load) -> Link | None:
    """The link of a name: each level's slot is the next bits of the name's hash."""
    bits = int.from_bytes(murmur3.digest(name.encode()), "big")
    left = 64
    while True:
        step = shard.fanout.bit_length() - 1
        left -= step
        if left < 0:
            return None
        link = shard.slots.get(bits >> left & shard.fanout - 1)
        if link is None or link.name[shard.prefix :] == name:
            return link
        if not _is_shard(shard, link):
            return None
        shard = load(link.key)


def entries(shard: ShardNode, load: Load, limits: Limits) -> Iterator[tuple[str, Link]]:
    """Every name, in the order of the slots; raises TooBig past the bound on entries."""
    visited = 0
    stack = [(shard, link, 1) for link in _ordered(shard)]
    while stack:
        holder, link, depth = stack.pop()
        visited += 1
        if visited > limits.entries or depth > limits.depth:
            raise TooBig(f"The folder has more than {limits.entries} names.")
        if _is_shard(holder, link):
            below = load(link.key)
            stack.extend((below, each, depth + 1) for each in _ordered(below))
        else:
            yield link.name[holder.prefix :], link


def shards(shard: ShardNode, load: Load, limits: Limits) -> Iterator[ParsedCid]:
    """The deeper parts of the folder, parents first; raises TooBig past the bound on entries."""
    visited = 0
    stack = [(shard, link, 1) for link in _ordered(shard)]
    while stack:
        holder, link, depth = stack.pop()
        visited += 1
        if visited > limits.entries or depth > limits.depth:
            raise TooBig(f"The folder has more than {limits.entries} names.")
        if _is_shard(holder, link):
            yield link.key
            below = load(link.key)
            stack.extend((below, each, depth + 1) for each in _ordered(below))


def _ordered(shard: ShardNode) -> list[Link]:
    """Last slot first, as a stack wants it."""
    return [link for _, link in sorted(shard.slots.items(), reverse=True)]


def _is_shard(holder: ShardNode, link: Link) -> bool:
    if len(link.name) > holder.prefix:
        return False
    if link.key.codec != DAG_PB:
        raise BadBlock("A sharded folder has a part that is no shard.")
    return True

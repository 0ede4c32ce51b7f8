"""Which blocks go into an archive, and in which order: depth first, parents first.

What may be asked of a CAR by the IPFS trustless gateway specification: the
blocks on the path, then those of what lies at its end: all of it, the one
entity, part of a file, or a single block.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from node_bridge import sharding
from node_bridge.cid import DAG_PB, ParsedCid
from node_bridge.engine import Extent, Limits
from node_bridge.errors import TooBig
from node_bridge.nodes import FileNode, ShardNode
from node_bridge.reading import Reader
from node_bridge.walking import unfold, walk

Blocks = Iterator[tuple[ParsedCid, bytes]]


@dataclass(frozen=True, slots=True)
class Exporter:
    """Reads blocks for archives within the limits of a node."""

    reader: Reader
    limits: Limits

    def blocks(self, path: str, extent: Extent) -> tuple[ParsedCid, Blocks]:
        """What lies at the end of a path, and the blocks that prove and hold it.

        The path is resolved at the call; raises NotFound and the like. What is
        missing further down is found when its turn comes.
        """
        trail = self.reader.trail(path)
        self.reader.block(trail.end)
        keys = self._below(trail.end, extent)
        return trail.end, self._read([*trail.passed, trail.end], keys, extent)

    def _read(self, way: Iterable[ParsedCid], keys: Iterator[ParsedCid], extent: Extent) -> Blocks:
        """Each block once, or as often as it is met; those inlined in their CID never.

        Every meeting counts, for a few blocks that share their children fold out without end.
        """
        sent: set[tuple[int, bytes]] = set()
        size = 0
        for met, key in enumerate(chain(way, keys)):
            if met >= self.limits.walk_blocks:
                raise TooBig("This archive is larger than this node will send.")
            name = key.codec, key.digest
            if key.inline is not None or (not extent.repeats and name in sent):
                continue
            sent.add(name)
            block = self.reader.block(key)
            size += len(block)
            if size > self.limits.walk_bytes:
                raise TooBig("This archive is larger than this node will send.")
            yield key, block

    def _below(self, end: ParsedCid, extent: Extent) -> Iterator[ParsedCid]:
        """The blocks under the end of the path that the extent asks for, without the end."""
        if extent.scope == "block":
            return iter(())
        if extent.scope == "entity" or extent.span is not None:
            return self._entity(end, extent.span)
        if extent.repeats:
            return unfold(end, self.reader, self.limits)
        return (key for key, _ in islice(walk(end, self.reader, self.limits), 1, None))

    def _entity(self, end: ParsedCid, span: tuple[int, int | None] | None) -> Iterator[ParsedCid]:
        if end.codec != DAG_PB:
            return
        match self.reader.node(end):
            case FileNode() as file:
                yield from self.reader.parts(end, *_within(span or (0, None), file.size))
            case ShardNode() as shard:
                yield from sharding.shards(shard, self.reader.shard, self.limits)


def _within(span: tuple[int, int | None], size: int) -> tuple[int, int]:
    """A span of `entity-bytes` as offsets: the first byte and the one after the last.

    Negative numbers count from the end; both ends are included.
    """
    first, last = span
    start = max(size + first, 0) if first < 0 else min(first, size)
    if last is None:
        return start, size
    stop = size + last + 1 if last < 0 else last + 1
    return start, max(min(stop, size), start)

"""What a block means: a file or a part of one, a folder, a shard of one, or a link."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from node_bridge import dagpb, unixfs
from node_bridge.cid import ParsedCid
from node_bridge.dagpb import Link, Node
from node_bridge.errors import BadBlock, TooBig, Unsupported
from node_bridge.unixfs import Type, UnixFs

MAX_FILE = 1 << 48  # bytes; a larger claim is an attack on arithmetic
MURMUR3 = 0x22


@dataclass(frozen=True, slots=True)
class FileNode:
    """`data` comes first, then the children; child i spans starts[i] to starts[i + 1]."""

    dag_size: int
    data: bytes
    children: tuple[ParsedCid, ...]
    starts: "array[int]"

    @property
    def size(self) -> int:
        return self.starts[-1]

    def overlapping(self, start: int, end: int) -> Iterator[tuple[ParsedCid, int, int]]:
        """Children with bytes in start ≤ byte < end: key, where it starts, its length."""
        for place in range(max(bisect_right(self.starts, start) - 1, 0), len(self.children)):
            low, high = self.starts[place], self.starts[place + 1]
            if low >= end:
                return
            if high > low:
                yield self.children[place], low, high - low


@dataclass(frozen=True, slots=True)
class FolderNode:
    dag_size: int
    entries: dict[str, Link]


@dataclass(frozen=True, slots=True)
class ShardNode:
    """One node of a HAMT: the children by slot, each a name's link or a deeper shard."""

    dag_size: int
    fanout: int
    slots: dict[int, Link]

    @property
    def prefix(self) -> int:
        """Hex digits of the slot that stand before each name."""
        return len(f"{self.fanout - 1:X}")


@dataclass(frozen=True, slots=True)
class SymlinkNode:
    dag_size: int
    target: str


FsNode = FileNode | FolderNode | ShardNode | SymlinkNode


def parse(block: bytes) -> FsNode:
    """Read a dag-pb block as UnixFS; raises BadBlock."""
    node = dagpb.decode(block)
    if node.data is None:
        raise BadBlock("A dag-pb node holds no UnixFS data.")
    content = unixfs.decode(node.data)
    dag_size = len(block) + sum(link.dag_size for link in node.links)
    match content.type:
        case Type.FILE | Type.RAW:
            return _file(node, content, dag_size)
        case Type.FOLDER:
            return _folder(node, dag_size)
        case Type.SHARD:
            return _shard(node, content, dag_size)
        case Type.SYMLINK:
            return SymlinkNode(dag_size, content.data.decode(errors="replace"))
    raise Unsupported("This UnixFS node is neither file, folder nor link.")


def weight(node: FsNode) -> int:
    """How many links a parsed node keeps in memory."""
    match node:
        case FileNode():
            return len(node.children)
        case FolderNode():
            return len(node.entries)
        case ShardNode():
            return len(node.slots)
    return 1


def _file(node: Node, content: UnixFs, dag_size: int) -> FileNode:
    if len(content.block_sizes) != len(node.links):
        raise BadBlock("A file's node has not one size per link.")
    total = len(content.data) + sum(content.block_sizes)
    if content.size not in {None, total}:
        raise BadBlock("A file's node contradicts its own size.")
    if total > MAX_FILE:
        raise TooBig(f"A file claims {total} bytes; {MAX_FILE} is the bound.")
    starts = array("Q", [len(content.data)])
    for size in content.block_sizes:
        starts.append(starts[-1] + size)
    return FileNode(dag_size, content.data, tuple(link.key for link in node.links), starts)


def _folder(node: Node, dag_size: int) -> FolderNode:
    entries = {link.name: link for link in node.links}
    if len(entries) != len(node.links):
        raise BadBlock("A folder has one name twice.")
    return FolderNode(dag_size, entries)


def _shard(node: Node, content: UnixFs, dag_size: int) -> ShardNode:
    fanout = content.fanout
    if content.hash_type != MURMUR3 or not 8 <= fanout <= 1024 or fanout & (fanout - 1):
        raise BadBlock("A sharded folder has an unknown hash or fanout.")
    shard = ShardNode(dag_size, fanout, {})
    for link in node.links:
        digits = link.name[: shard.prefix]
        if len(digits) < shard.prefix or not set(digits) <= set("0123456789ABCDEF"):
            raise BadBlock("A sharded folder has a name without its slot.")
        shard.slots[int(digits, 16)] = link
    return shard

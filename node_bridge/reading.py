"""Reads content: paths to their ends, files from the right leaf on, folders by name."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from node_bridge import documents, nodes, paths, sharding
from node_bridge.blocks import Source
from node_bridge.cid import DAG_PB, RAW, ParsedCid
from node_bridge.engine import Entry, Kind, Limits, Stat
from node_bridge.errors import (
    BadBlock,
    Corrupt,
    NotAFile,
    NotAFolder,
    NotFound,
    TooBig,
    Unsupported,
)
from node_bridge.nodes import FileNode, FolderNode, FsNode, ShardNode, SymlinkNode

REMEMBERED = 200_000  # links of parsed nodes kept, about 40 MB; parsing 1024 takes ms


@dataclass(frozen=True, slots=True)
class Trail:
    """Where a path leads: the block at its end, and how one comes there.

    parts: what each part of the path stands for, the end last
    passed: every block read on the way, shards too, without the end
    """

    parts: tuple[ParsedCid, ...]
    passed: tuple[ParsedCid, ...]

    @property
    def end(self) -> ParsedCid:
        return self.parts[-1]


class Reader:
    """Understands blocks as files and folders. Parsed nodes are immutable, so some are kept."""

    remembered = REMEMBERED

    def __init__(self, blocks: Source, limits: Limits) -> None:
        self._blocks = blocks
        self._limits = limits
        self._known: OrderedDict[bytes, FsNode] = OrderedDict()
        self._known_links = 0
        self._lock = Lock()

    def block(self, key: ParsedCid) -> bytes:
        """Verified bytes of any block; raises NotFound, Corrupt."""
        if key.inline is not None:
            return key.inline
        try:
            return self._blocks.get(key.digest)
        except NotFound as error:
            raise NotFound(f"Block {key} is not in this node.") from error
        except Corrupt as error:
            raise Corrupt(f"Block {key} is damaged on this node.") from error

    def size(self, key: ParsedCid) -> int | None:
        """Bytes of one block, None when it is not here."""
        return self._blocks.size(key.digest) if key.inline is None else len(key.inline)

    def node(self, key: ParsedCid) -> FsNode:
        """A dag-pb block understood; raises NotFound, Corrupt, BadBlock, Unsupported."""
        if key.codec != DAG_PB:
            raise Unsupported(f"{key} is neither a raw nor a dag-pb block.")
        with self._lock:
            known = self._known.get(key.digest)
            if known is not None:
                self._known.move_to_end(key.digest)
                return known
        node = nodes.parse(self.block(key))
        self._remember(key.digest, node)
        return node

    def forget(self) -> None:
        with self._lock:
            self._known.clear()
            self._known_links = 0

    def resolve(self, path: str) -> ParsedCid:
        """The CID at the end of a path; symlinks on the way are not followed."""
        return self.trail(path).end

    def trail(self, path: str) -> Trail:
        """A path followed to its end; raises NotFound, Unsupported inside a document."""
        key, given = paths.parse(path)
        parts, passed, names = [key], list[ParsedCid](), list(given)
        while names:
            passed.append(key)
            if key.codec in documents.CODECS:
                link, rest = documents.follow(documents.read(key, self.block(key)), names)
                parts += [key] * (len(names) - len(rest) - 1)  # parts of the path inside it
                key, names = link, rest
            else:
                key, names = self._child(key, names[0], passed), names[1:]
            parts.append(key)
        return Trail(tuple(parts), tuple(passed))

    def stat(self, path: str) -> Stat:
        trail = self.trail(path)
        key, roots = trail.end, tuple(part.written for part in trail.parts)
        if key.codec != DAG_PB:
            size = self.size(key)
            if size is None:
                raise NotFound(f"Block {key} is not in this node.")
            kind: Kind = "file" if key.codec == RAW else "block"
            return Stat(str(key), kind, size, size, roots=roots)
        match self.node(key):
            case FileNode() as node:
                return Stat(str(key), "file", node.size, node.dag_size, roots=roots)
            case SymlinkNode() as node:
                size = len(node.target.encode())
                return Stat(str(key), "symlink", size, node.dag_size, node.target, roots)
            case node:
                return Stat(str(key), "dir", 0, node.dag_size, roots=roots)

    def cat(self, path: str, offset: int, length: int | None) -> Iterator[bytes]:
        stat = self.stat(path)
        if stat.kind != "file":
            raise NotAFile(f"{path} is a {stat.kind}, not a file.")
        if offset < 0 or (length is not None and length < 0):
            raise ValueError("A range has no negative offset or length.")
        end = stat.size if length is None else min(stat.size, offset + length)
        return self._read(self.resolve(path), stat.size, offset, end)

    def ls(self, path: str) -> Iterator[Entry]:
        key = self.resolve(path)
        node = self.node(key) if key.codec == DAG_PB else None
        match node:
            case FolderNode():
                links = iter(node.entries.items())
            case ShardNode():
                links = sharding.entries(node, self.shard, self._limits)
            case _:
                raise NotAFolder(f"{path} is not a folder.")
        return (Entry(name, str(link.key), link.dag_size) for name, link in links)

    def shard(self, key: ParsedCid) -> ShardNode:
        """A part of a sharded folder; raises BadBlock for anything else."""
        node = self.node(key)
        if not isinstance(node, ShardNode):
            raise BadBlock("A sharded folder has a part that is no shard.")
        return node

    def parts(self, root: ParsedCid, start: int, stop: int) -> Iterator[ParsedCid]:
        """The blocks below a file's root that hold its bytes in start ≤ byte < stop."""
        stack = [(root, 0, 0)] if start < stop else []
        while stack:
            key, begin, depth = stack.pop()
            if depth:
                yield key
            if key.codec == RAW:
                continue
            node = self._file(key, depth)
            below = list(node.overlapping(max(start - begin, 0), stop - begin))
            stack.extend((child, begin + at, depth + 1) for child, at, _ in reversed(below))

    def _child(self, key: ParsedCid, name: str, passed: list[ParsedCid]) -> ParsedCid:
        def load(part: ParsedCid) -> ShardNode:
            passed.append(part)
            return self.shard(part)

        link = None
        match self.node(key) if key.codec == DAG_PB else None:
            case FolderNode() as folder:
                link = folder.entries.get(name)
            case ShardNode() as shard:
                link = sharding.find(shard, name, load)
        if link is None:
            raise NotFound(f"There is no {name!r} in {key}.")
        return link.key

    def _file(self, key: ParsedCid, depth: int) -> FileNode:
        node = self.node(key)
        if not isinstance(node, FileNode):
            raise BadBlock("A file has a part that is no file.")
        if depth > self._limits.depth:
            raise TooBig(f"The file is nested deeper than {self._limits.depth} nodes.")
        return node

    def _read(self, root: ParsedCid, size: int, offset: int, end: int) -> Iterator[bytes]:
        """Walks down to the leaves between offset and end; visits no other block.

        Each entry on the stack is a part of the file: its key, where it starts,
        the length that its parent claims, its depth.
        """
        stack = [(root, 0, size, 0)]
        while stack and offset < end:
            key, start, claimed, depth = stack.pop()
            low, high = max(offset - start, 0), min(end - start, claimed)
            data, below = self._part(key, claimed, low, high)
            if low < len(data) and low < high:
                yield data if not low and high >= len(data) else data[low:high]
            if below and depth == self._limits.depth:
                raise TooBig(f"The file is nested deeper than {depth} nodes.")
            for child, child_start, child_size in reversed(below):
                stack.append((child, start + child_start, child_size, depth + 1))

    def _part(
        self, key: ParsedCid, claimed: int, low: int, high: int
    ) -> tuple[bytes, list[tuple[ParsedCid, int, int]]]:
        """A part's own bytes and its children in the range, once its size is as claimed."""
        if key.codec == RAW:
            data, size = self.block(key), -1
            below: list[tuple[ParsedCid, int, int]] = []
        else:
            node = self._file(key, 0)
            data, size = node.data, node.size
            below = list(node.overlapping(low, high))
        if claimed != (size if size >= 0 else len(data)):
            raise BadBlock(f"Part {key} of a file is not as long as its parent says.")
        return data, below

    def _remember(self, digest: bytes, node: FsNode) -> None:
        with self._lock:
            if digest not in self._known:
                self._known[digest] = node
                self._known_links += nodes.weight(node)
            while self._known_links > self.remembered and len(self._known) > 1:
                _, oldest = self._known.popitem(last=False)
                self._known_links -= nodes.weight(oldest)

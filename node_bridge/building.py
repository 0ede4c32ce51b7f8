"""Builds files and folders from leaves: the balanced graph of profile unixfs-v1-2025.

1 MiB raw leaves, at most 1024 links a node, every leaf at one depth; memory
is bounded by the width times the depth, whatever the file's length.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from node_bridge import cid, dagpb, unixfs
from node_bridge.cid import DAG_PB, ParsedCid
from node_bridge.dagpb import Link
from node_bridge.errors import BadPath, TooBig

LEAF = 1024 * 1024  # bytes
WIDTH = 1024  # links
MAX_FOLDER = 256 * 1024  # bytes of a folder's node; the profile would shard above

Put = Callable[[ParsedCid, bytes | memoryview], None]


@dataclass(frozen=True, slots=True)
class Branch:
    """A finished part of a graph: its root, content bytes, and bytes with all nodes."""

    key: ParsedCid
    size: int
    dag_size: int


@dataclass(slots=True)
class FileBuilder:
    """Takes a file's leaves in order and hands every block, leaf or node, to `put`."""

    put: Put
    width: int = WIDTH
    blocks: int = 0
    levels: list[list[Branch]] = field(default_factory=lambda: [[]])

    def take(self, leaf: bytes | memoryview) -> None:
        key = cid.of(leaf)
        self.put(key, leaf)
        self.blocks += 1
        self._append(Branch(key, len(leaf), len(leaf)))

    def finish(self) -> Branch:
        """The root. A level is closed even over a lone branch, so that leaves stay level."""
        if not self.levels[0]:
            self.take(b"")
        level = 0
        while level + 1 < len(self.levels) or len(self.levels[level]) > 1:
            self._close(level)
            level += 1
        return self.levels[level][0]

    def _append(self, branch: Branch, level: int = 0) -> None:
        if len(self.levels[level]) == self.width:
            self._close(level)
        self.levels[level].append(branch)

    def _close(self, level: int) -> None:
        """Put one node over all branches of a level."""
        branches, self.levels[level] = self.levels[level], []
        if level + 1 == len(self.levels):
            self.levels.append([])
        size = sum(branch.size for branch in branches)
        data = unixfs.encode_file(size, [branch.size for branch in branches])
        links = [Link("", branch.dag_size, branch.key) for branch in branches]
        node = _put_node(self.put, data, links, size)
        self.blocks += 1
        self._append(node, level + 1)


def build_file(leaves: Iterable[bytes | memoryview], put: Put) -> tuple[Branch, int]:
    """The root of a file and how many blocks it took."""
    builder = FileBuilder(put)
    for leaf in leaves:
        builder.take(leaf)
    return builder.finish(), builder.blocks


Tree = dict[str, "Branch | Tree"]


def plant(entries: Mapping[str, Branch]) -> Tree:
    """Turn `{"a/b": …}` into `{"a": {"b": …}}`; raises BadPath for names that cannot be."""
    tree: Tree = {}
    for path, branch in entries.items():
        *parents, name = path.split("/")
        here = tree
        for parent in parents:
            below = here.setdefault(_checked(parent), {})
            if isinstance(below, Branch):
                raise BadPath(f"{path!r} runs through a file.")
            here = below
        if _checked(name) in here:
            raise BadPath(f"{path!r} is there twice.")
        here[name] = branch
    return tree


def build_folder(tree: Tree, put: Put) -> tuple[Branch, int]:
    """The root of a folder and how many folder nodes it took; raises TooBig."""
    links, size, count = [], 0, 1
    for name in sorted(tree, key=str.encode):
        child = tree[name]
        if not isinstance(child, Branch):
            child, below = build_folder(child, put)
            count += below
        links.append(Link(name, child.dag_size, child.key))
        size += child.size
    return _put_node(put, unixfs.FOLDER, links, size), count


def _put_node(put: Put, data: bytes, links: list[Link], size: int) -> Branch:
    block = dagpb.encode(data, links)
    if data == unixfs.FOLDER and len(block) > MAX_FOLDER:
        raise TooBig("A folder has too many names for one block: divide it into folders.")
    key = cid.of(block, DAG_PB)
    put(key, block)
    return Branch(key, size, len(block) + sum(link.dag_size for link in links))


def _checked(name: str) -> str:
    if name in {"", ".", ".."} or "\0" in name or len(name.encode()) > 255:
        raise BadPath(f"{name!r} cannot be a name in a folder.")
    return name

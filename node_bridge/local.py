"""An engine over any store of blocks in reach of this process."""

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from node_bridge import building, car, cid, cutting, dagpb, documents, walking
from node_bridge.blocks import Blocks
from node_bridge.building import Branch
from node_bridge.cid import RAW, Cid, ParsedCid
from node_bridge.engine import (
    MAX_BLOCK,
    PROFILE,
    WHOLE,
    Added,
    Entry,
    Extent,
    Limits,
    NodeInfo,
    Pin,
    RepoStat,
    Stat,
)
from node_bridge.errors import Corrupt, EngineDown, NodeError, NotFound, TooBig, Unsupported
from node_bridge.exporting import Exporter
from node_bridge.nodes import FileNode
from node_bridge.pins import PinBook
from node_bridge.reading import Reader

VERSION = "1"
CODECS = {
    "raw": RAW,
    "dag-pb": cid.DAG_PB,
    "dag-cbor": cid.DAG_CBOR,
    "dag-json": cid.DAG_JSON,
    "cbor": cid.CBOR,
    "json": cid.JSON,
}
KNOWN = "bafybeihd4yzq7n5umhjngdum4r6k2to7egxfkf2jz6thvwzf6djus22cmq"  # 1 MiB + 1 of zeros


class LocalEngine:
    """The NodeEngine protocol, but for where blocks and pins lie."""

    def __init__(self, blocks: Blocks, pins: PinBook, limits: Limits | None = None) -> None:
        self._blocks = blocks
        self._pins = pins
        self._limits = limits or Limits()
        self._reader = Reader(blocks, self._limits)

    def info(self) -> NodeInfo:
        return NodeInfo(type(self).__name__, VERSION, PROFILE)

    def selftest(self) -> None:
        made = self.add([bytes(building.LEAF), b"\0"], only_hash=True)
        if made.cid != KNOWN:
            raise EngineDown(f"The self-test made {made.cid}, not {KNOWN}.")

    def add(
        self,
        src: BinaryIO | Iterable[bytes],
        *,
        pin: str | None = None,
        only_hash: bool = False,
        max_bytes: int | None = None,
    ) -> Added:
        leaves = cutting.leaves(src, building.LEAF, max_bytes=max_bytes)
        if only_hash:
            branch, blocks = building.build_file(leaves, lambda _key, _data: None)
            return _added(branch, blocks, 0)
        with self._blocks.batch() as batch:
            branch, blocks = building.build_file(leaves, batch.put)
        return self._kept(_added(branch, blocks, batch.new_blocks), pin)

    def add_dir(self, entries: Mapping[str, Cid], *, pin: str | None = None) -> Added:
        branches = {
            name: self._branch(cid.parse(cid.canonical(text))) for name, text in entries.items()
        }
        tree = building.plant(branches)
        with self._blocks.batch() as batch:
            branch, blocks = building.build_folder(tree, batch.put)
        return self._kept(_added(branch, blocks, batch.new_blocks), pin)

    def put_block(self, data: bytes, *, codec: str = "raw", expect: Cid | None = None) -> Cid:
        if codec not in CODECS:
            raise Unsupported(f"Blocks of codec {codec!r} are not kept here.")
        if len(data) > MAX_BLOCK:
            raise TooBig(f"A block has at most {MAX_BLOCK} bytes, not {len(data)}.")
        key = cid.of(data, CODECS[codec])
        if codec == "dag-pb":
            dagpb.decode(data)
        elif key.codec in documents.CODECS:
            documents.read(key, data)
        if expect is not None:
            key = _expected(cid.parse(expect), key, data)
        with self._blocks.batch() as batch:
            batch.put(key, data)
        return str(key)

    def put_blocks(self, blocks: Iterable[tuple[ParsedCid, bytes]]) -> None:
        """Store blocks whose digests the caller has verified: all of them, or none."""
        with self._blocks.batch() as batch:
            for key, data in blocks:
                batch.put(key, data)

    def import_car(
        self, src: BinaryIO, *, pin: str | None = None, max_bytes: int | None = None
    ) -> tuple[Cid, ...]:
        archive = car.Archive(src, max_bytes=max_bytes)
        with self._blocks.batch() as batch:
            for key, data in archive.blocks():
                batch.put(key, data)
        roots = tuple(map(str, archive.roots))
        if pin is not None:
            for root in roots:
                self.pin(root, name=pin)
        return roots

    def get_block(self, cid: Cid) -> bytes:
        return self._reader.block(_parsed(cid))

    def has(self, cid: Cid, *, recursive: bool = False) -> bool:
        key = _parsed(cid)
        if not recursive:
            return self._reader.size(key) is not None
        walk = walking.walk(key, self._reader, self._limits)
        return all(size is not None for _, size in walk)

    def stat(self, path: str) -> Stat:
        return self._reader.stat(path)

    def cat(self, path: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        return self._reader.cat(path, offset, length)

    def ls(self, path: str) -> Iterator[Entry]:
        return self._reader.ls(path)

    def export_car(self, path: str, extent: Extent = WHOLE) -> Iterator[bytes]:
        end, blocks = Exporter(self._reader, self._limits).blocks(path, extent)
        if extent.scope == "all" and extent.span is None:
            walking.complete(end, self._reader, self._limits)
        return car.write([end], blocks)

    def blocks(self, cid: Cid) -> Iterator[Cid]:
        root = _parsed(cid)
        for key, size in walking.walk(root, self._reader, self._limits):
            if size is None:
                raise NotFound(f"Block {key} of {root} is not in this node.")
            if key.inline is None:
                yield str(key)

    def pin(self, cid: Cid, *, name: str = "") -> Pin:
        key = _parsed(cid)
        with self._blocks.hold():
            pin, is_new = self._pins.keep(str(key), name)
        # Written first, so that a sweep that begins during the walk already sees it.
        try:
            walking.complete(key, self._reader, self._limits)
        except NodeError:
            if is_new:
                self._pins.drop(str(key), name)
            raise
        return pin

    def unpin(self, cid: Cid, *, name: str | None = None) -> None:
        self._pins.drop(str(_parsed(cid)), name)

    def pins(self, *, cid: Cid | None = None, name: str | None = None) -> Iterator[Pin]:
        wanted = None if cid is None else str(_parsed(cid))
        return iter(self._pins.find(wanted, name))

    def gc(self, *, dry_run: bool = False) -> int:
        kept: set[bytes] = set()
        marked: set[Cid] = set()

        def keep() -> set[bytes]:
            for pin in self._pins.find():
                if pin.cid not in marked:
                    walk = walking.walk(_parsed(pin.cid), self._reader, self._limits)
                    kept.update(key.digest for key, _ in walk)
                    marked.add(pin.cid)
            return kept

        keep()  # the long walk, before the sweep takes its lock for the first time
        freed = self._blocks.sweep(keep, dry_run=dry_run)
        self._reader.forget()
        return freed

    def verify(self, cid: Cid | None = None) -> Iterator[Cid]:
        for key in self._everything() if cid is None else self._below(_parsed(cid)):
            try:
                self._reader.block(key)
            except (NotFound, Corrupt):
                yield str(key)

    def repo_stat(self) -> RepoStat:
        return self._blocks.usage()

    def _branch(self, key: ParsedCid) -> Branch:
        """A stored graph as something to hang into a folder; raises NotFound."""
        if key.codec == RAW:
            size = self._reader.size(key)
            if size is None:
                raise NotFound(f"Block {key} is not in this node.")
            return Branch(key, size, size)
        if self._reader.size(key) is None:
            raise NotFound(f"Block {key} is not in this node.")
        node = self._reader.node(key)
        return Branch(key, node.size if isinstance(node, FileNode) else 0, node.dag_size)

    def _kept(self, added: Added, pin: str | None) -> Added:
        if pin is not None:
            self._pins.keep(added.cid, pin)
        return added

    def _everything(self) -> Iterator[ParsedCid]:
        return (cid.of_digest(digest) for digest in self._blocks.digests())

    def _below(self, root: ParsedCid) -> Iterator[ParsedCid]:
        walk = walking.walk(root, self._reader, self._limits, walking.sound_children)
        return (key for key, _ in walk)


def _expected(wanted: ParsedCid, key: ParsedCid, data: bytes) -> ParsedCid:
    """The key that was announced, if it is of these bytes; raises Corrupt."""
    same = wanted.codec == key.codec and wanted.inline is None
    if not same or not cid.is_sound(data, wanted.digest):
        raise Corrupt(f"The block is {key}, not {wanted}.")
    return wanted


def _parsed(text: Cid) -> ParsedCid:
    return cid.parse(text)


def _added(branch: Branch, blocks: int, new_blocks: int) -> Added:
    return Added(str(branch.key), branch.size, branch.dag_size, blocks, new_blocks)

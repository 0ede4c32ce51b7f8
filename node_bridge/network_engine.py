"""An engine that reads what its own store lacks from other nodes, block by block.

Writing, keeping and freeing are the local engine's alone. `fetch` brings a whole graph into it.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from threading import Lock
from typing import BinaryIO, Self

from node_bridge import car, cid, paths
from node_bridge.cid import Cid, ParsedCid
from node_bridge.engine import (
    WHOLE,
    Added,
    Entry,
    Extent,
    Limits,
    NodeEngine,
    NodeInfo,
    Pin,
    RepoStat,
    Stat,
)
from node_bridge.exporting import Exporter
from node_bridge.network import pulling
from node_bridge.network.far_reading import FarReader
from node_bridge.network.fetching import Fetcher
from node_bridge.network.pulling import Pulled

READERS = 32  # roots whose parsed nodes are remembered


class NetworkEngine:
    """The NodeEngine protocol over a local engine and a fetcher; use it from any thread.

    What is read raises NotFound when nobody has it, NobodyHas when nobody gives it in time.
    """

    def __init__(self, local: NodeEngine, fetcher: Fetcher, limits: Limits | None = None) -> None:
        self._local = local
        self._fetcher = fetcher
        self._limits = limits or Limits()
        self._readers: OrderedDict[Cid, FarReader] = OrderedDict()
        self._lock = Lock()
        self._root: Cid | None = None

    def under(self, root: Cid) -> Self:
        """The same engine for who reads parts of a graph by their own CIDs: whoever holds what lies
        under `root` is asked for them.
        """
        within = copy(self)
        within._root = str(_parsed(root))
        return within

    # Read: the own store first, then the network

    def get_block(self, cid: Cid) -> bytes:
        return self._reader_of(cid).block(_parsed(cid))

    def stat(self, path: str) -> Stat:
        return self._reader_of(path).stat(path)

    def cat(self, path: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        return self._reader_of(path).cat(path, offset, length)

    def ls(self, path: str) -> Iterator[Entry]:
        return self._reader_of(path).ls(path)

    def export_car(self, path: str, extent: Extent = WHOLE) -> Iterator[bytes]:
        """The archive, fetched as it is written: a block that nobody gives breaks it off."""
        end, blocks = Exporter(self._reader_of(path), self._limits).blocks(path, extent)
        return car.write([end], blocks)

    def fetch(self, cid: Cid, *, pin: str | None = None) -> Pulled:
        """Bring the whole graph here and pin it under `pin`, when given.

        What came stays when it breaks off, so that the next call goes on from there. Raises
        NotFound, NobodyHas, TooBig past the limits, OverQuota.
        """
        pulled = pulling.pull(_parsed(cid), self._local, self._fetcher, self._limits)
        if pin is not None:
            self._local.pin(cid, name=pin)
        return pulled

    # All else is the local engine's

    def info(self) -> NodeInfo:
        return self._local.info()

    def selftest(self) -> None:
        self._local.selftest()

    def add(
        self,
        src: BinaryIO | Iterable[bytes],
        *,
        pin: str | None = None,
        only_hash: bool = False,
        max_bytes: int | None = None,
    ) -> Added:
        return self._local.add(src, pin=pin, only_hash=only_hash, max_bytes=max_bytes)

    def add_dir(self, entries: Mapping[str, Cid], *, pin: str | None = None) -> Added:
        return self._local.add_dir(entries, pin=pin)

    def put_block(self, data: bytes, *, codec: str = "raw", expect: Cid | None = None) -> Cid:
        return self._local.put_block(data, codec=codec, expect=expect)

    def import_car(
        self, src: BinaryIO, *, pin: str | None = None, max_bytes: int | None = None
    ) -> tuple[Cid, ...]:
        return self._local.import_car(src, pin=pin, max_bytes=max_bytes)

    def blocks(self, cid: Cid) -> Iterator[Cid]:
        return self._local.blocks(cid)

    def has(self, cid: Cid, *, recursive: bool = False) -> bool:
        return self._local.has(cid, recursive=recursive)

    def pin(self, cid: Cid, *, name: str = "") -> Pin:
        return self._local.pin(cid, name=name)

    def unpin(self, cid: Cid, *, name: str | None = None) -> None:
        self._local.unpin(cid, name=name)

    def pins(self, *, cid: Cid | None = None, name: str | None = None) -> Iterator[Pin]:
        return self._local.pins(cid=cid, name=name)

    def gc(self, *, dry_run: bool = False) -> int:
        return self._local.gc(dry_run=dry_run)

    def verify(self, cid: Cid | None = None) -> Iterator[Cid]:
        return self._local.verify(cid)

    def repo_stat(self) -> RepoStat:
        return self._local.repo_stat()

    def _reader_of(self, path: str) -> FarReader:
        return self._reader(self._root or str(paths.parse(path)[0]))

    def _reader(self, root: Cid) -> FarReader:
        with self._lock:
            reader = self._readers.get(root)
            if reader is None:
                reader = FarReader(self._local, self._fetcher, root, self._limits)
                self._readers[root] = reader
                if len(self._readers) > READERS:
                    self._readers.popitem(last=False)
            self._readers.move_to_end(root)
            return reader


def _parsed(text: Cid) -> ParsedCid:
    return cid.parse(text)

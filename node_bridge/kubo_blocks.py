"""Blocks in a Kubo, read and written over its RPC. Whatever comes back is hashed here.

Kubo knows no transactions, so a batch is gathered in a spool of our own, and
sent when it is whole: a source that breaks or lies leaves nothing in Kubo.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from threading import RLock
from typing import IO

from node_bridge import car, cid, outlines
from node_bridge.blocks import Keep
from node_bridge.cid import RAW, ParsedCid
from node_bridge.engine import MAX_BLOCK, RepoStat
from node_bridge.errors import Corrupt, EngineDown, NotFound, OverQuota
from node_bridge.kubo_rpc import HERE, Options, Reply, Rpc, Rules

IN_MEMORY = 16 << 20  # bytes of a spool before it goes to the disk
PIECE = 1 << 20


class KuboBatch:
    """Blocks on their way to Kubo, each once, as the sections of a CAR."""

    def __init__(self, blocks: "KuboBlocks", spool: IO[bytes]) -> None:
        self.new_blocks = 0
        self.new_bytes = 0
        self.digests: set[bytes] = set()
        self._blocks = blocks
        self._spool = spool

    def put(self, key: ParsedCid, data: bytes | memoryview) -> None:
        if key.digest in self.digests:
            return
        self.digests.add(key.digest)
        if self._blocks.size_here(key.digest) is None:
            self.new_blocks += 1
            self.new_bytes += len(data)
            self._blocks.check_room(self.new_bytes)
        self._spool.write(outlines.section(key, data))


class KuboBlocks:
    """What the engines ask of a store of blocks."""

    def __init__(self, rpc: Rpc, rules: Rules) -> None:
        self._rpc = rpc
        self._reach = rules.reach
        self._quota = rules.quota
        self._spool = rules.spool
        self._lock = RLock()

    def get(self, digest: bytes) -> bytes:
        pieces, size = [], 0
        for piece in self._rpc.get("block/get", _name(digest), **self._reach):
            pieces.append(piece)
            size += len(piece)
            if size > MAX_BLOCK:
                raise Corrupt("Kubo gave more for a block than a block may hold.")
        data = b"".join(pieces)
        if not cid.is_sound(data, digest):
            raise Corrupt("A block in this node is damaged.")
        return data

    def size(self, digest: bytes) -> int | None:
        return self._size(digest, self._reach)

    def size_here(self, digest: bytes) -> int | None:
        """The same, but of what this very Kubo holds: nobody else is asked."""
        return self._size(digest, HERE)

    @contextmanager
    def batch(self) -> Iterator[KuboBatch]:
        with self.spool() as spool:
            spool.write(next(car.write([], [])))
            batch = KuboBatch(self, spool)
            yield batch
            if batch.digests:
                spool.seek(0)
                self.send(iter(lambda: spool.read(PIECE), b""), len(batch.digests))

    def digests(self) -> Iterator[bytes]:
        for reply in self._rpc.lines("refs/local"):
            if reply.get("Err") or not isinstance(reply.get("Ref"), str):
                raise EngineDown(f"Kubo could not list its blocks: {reply.get('Err')}")
            yield cid.parse(reply["Ref"]).digest

    def usage(self) -> RepoStat:
        """As Kubo counts: `used` is what its datastore takes on the disk, a little more than
        its blocks."""
        stat = self._rpc.call("repo/stat")
        blocks, path = _count(stat, "NumObjects"), str(stat.get("RepoPath", ""))
        return RepoStat(_count(stat, "RepoSize"), self._quota, blocks, path)

    def sweep(self, keep: Keep, *, dry_run: bool) -> int:
        """Kubo frees what no pin of its own holds, which is what `keep` is to name."""
        with self._lock:
            doomed = {digest: self.size_here(digest) or 0 for digest in {*self.digests()} - keep()}
            if dry_run:
                return sum(doomed.values())
            for reply in self._rpc.lines("repo/gc", stream_errors=True):
                if reply.get("Error"):
                    raise EngineDown(f"Kubo could not free its blocks: {reply['Error']}")
            return sum(size for digest, size in doomed.items() if self.size_here(digest) is None)

    def hold(self) -> AbstractContextManager[object]:
        return self._lock

    def check_room(self, coming: int) -> None:
        """Raises OverQuota when that many more bytes are too many."""
        if self._quota is None:
            return
        used = _count(self._rpc.call("repo/stat", size_only=True), "RepoSize")
        if used + coming > self._quota:
            raise OverQuota("The quota of this node's Kubo is used up.")

    def spool(self) -> IO[bytes]:
        """A file that is gone when it is closed."""
        return tempfile.SpooledTemporaryFile(
            IN_MEMORY, dir=str(self._spool) if self._spool else None
        )

    def send(self, archive: Iterator[bytes], count: int) -> None:
        """Bring a CAR of so many blocks in; Kubo hashes each before it keeps it.

        Its blocks are named as raw ones, whatever they are: Kubo keys them by
        hash alone, and does not have to understand them.
        """
        replies = self._rpc.send("dag/import", archive, pin_roots=False, stats=True)
        stats: Reply = next((reply["Stats"] for reply in replies if reply.get("Stats")), {})
        if _count(stats, "BlockCount") != count:
            raise EngineDown("Kubo did not take every block it was sent.")

    def _size(self, digest: bytes, reach: Mapping[str, Options]) -> int | None:
        try:
            return _count(self._rpc.call("block/stat", _name(digest), **reach), "Size")
        except NotFound:
            return None


def _name(digest: bytes) -> str:
    return str(cid.of_digest(digest, RAW))


def _count(reply: Reply, name: str) -> int:
    number = reply.get(name)
    if not isinstance(number, int) or number < 0:
        raise EngineDown(f"Kubo's answer has no {name}.")
    return number

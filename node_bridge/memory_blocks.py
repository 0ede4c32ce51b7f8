"""Blocks in this process's memory, for tests and throw-away nodes."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import RLock

from node_bridge.blocks import Keep
from node_bridge.cid import ParsedCid, is_sound
from node_bridge.engine import RepoStat
from node_bridge.errors import Corrupt, NotFound, OverQuota


class MemoryBatch:
    def __init__(self, held: dict[bytes, bytes], room: int | None) -> None:
        self.fresh: dict[bytes, bytes] = {}
        self._held = held
        self._room = room

    @property
    def new_blocks(self) -> int:
        return len(self.fresh)

    def put(self, key: ParsedCid, data: bytes | memoryview) -> None:
        if key.digest in self.fresh or key.digest in self._held:
            return
        if self._room is not None:
            self._room -= len(data)
            if self._room < 0:
                raise OverQuota("This node's quota is used up.")
        self.fresh[key.digest] = bytes(data)


class MemoryBlocks:
    def __init__(self, quota: int | None = None) -> None:
        self.held: dict[bytes, bytes] = {}
        self._quota = quota
        self._lock = RLock()

    def get(self, digest: bytes) -> bytes:
        data = self.held.get(digest)
        if data is None:
            raise NotFound("This block is not in the node.")
        if not is_sound(data, digest):
            raise Corrupt("A block in this node is damaged.")
        return data

    def size(self, digest: bytes) -> int | None:
        data = self.held.get(digest)
        return None if data is None else len(data)

    @contextmanager
    def batch(self) -> Iterator[MemoryBatch]:
        room = None if self._quota is None else self._quota - self.usage().used
        batch = MemoryBatch(self.held, room)
        yield batch
        with self._lock:
            coming = sum(map(len, batch.fresh.values()))
            if self._quota is not None and self.usage().used + coming > self._quota:
                raise OverQuota("This node's quota is used up.")
            self.held.update(batch.fresh)

    def digests(self) -> Iterator[bytes]:
        return iter(list(self.held))

    def usage(self) -> RepoStat:
        with self._lock:
            used = sum(map(len, self.held.values()))
            return RepoStat(used, self._quota, len(self.held), path="")

    def sweep(self, keep: Keep, *, dry_run: bool) -> int:
        with self._lock:
            kept = keep()
            doomed = [digest for digest in self.held if digest not in kept]
            freed = sum(len(self.held[digest]) for digest in doomed)
            if not dry_run:
                for digest in doomed:
                    del self.held[digest]
            return freed

    def hold(self) -> AbstractContextManager[object]:
        return self._lock

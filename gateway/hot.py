"""The hot cache: verified pieces of files in memory, filled by threads, bounded by bytes."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gateway.refusals import Refused
from gateway.seams import Far
from node_bridge import Cid, Corrupt, NodeEngine, NotFound, Stat

BLOCK = 1 << 20  # bytes read at once: a leaf of the profile `unixfs-v1-2025`
PIECE = 1 << 18  # bytes sent at once; granian was fastest between 64 and 256 KiB
THREADS = min(4, os.cpu_count() or 1)  # they read and hash, so more of them only wait
WALKERS = 2  # threads beside them for what may take long, so that no film waits for it
FAR_THREADS = 32  # they wait for other nodes, each for one block
KNOWN = 20_000  # paths, and blocks read once, that are remembered: a few hundred bytes each

Pieces = tuple[bytes, ...]
Place = tuple[Cid, int]
Result = TypeVar("Result")


class TooSlow(Refused):
    """The node did not answer in time."""

    status = 504


class HotBlocks:
    """Files by path and by block; what is asked for twice is kept and touches no disk again.

    far: reads from other nodes what the engine lacks, in threads of its own, so that those who
    read what is here never wait behind it; None for nothing but what is here
    """

    def __init__(
        self,
        engine: NodeEngine,
        *,
        most_bytes: int,
        threads: int = THREADS,
        seconds: float = 30.0,
        far: Far | None = None,
    ) -> None:
        self._engine = engine
        self._far = far
        self._far_threads = ThreadPoolExecutor(FAR_THREADS, thread_name_prefix="far")
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="hot")
        self._walkers = ThreadPoolExecutor(WALKERS, thread_name_prefix="walk")
        self._stats: OrderedDict[str, Stat] = OrderedDict()
        self._blocks: OrderedDict[Place, Pieces] = OrderedDict()
        self._seen: OrderedDict[Place, None] = OrderedDict()
        self._heads: OrderedDict[Cid, bytes] = OrderedDict()
        self._coming: dict[Place, asyncio.Future[Pieces]] = {}
        self.bytes = 0

    async def stat(self, path: str) -> Stat:
        """What lies at `<cid>/…`; raises NodeError or TooSlow."""
        if path in self._stats:
            self._stats.move_to_end(path)
            return self._stats[path]
        stat = await self.in_time(self.read(path, lambda engine: engine.stat(path)))
        self._stats[path] = stat
        if len(self._stats) > KNOWN:
            self._stats.popitem(last=False)
        return stat

    async def block(self, file: Stat, index: int) -> Pieces:
        """The pieces of one block of a file; raises NodeError or TooSlow."""
        return await self.in_time(self.soon(file, index))

    def soon(self, file: Stat, index: int) -> "asyncio.Future[Pieces]":
        """The pieces of one block, being read from now on; one reading, however many wait."""
        place = (file.cid, index)
        if place in self._blocks:
            self._blocks.move_to_end(place)
            here = asyncio.get_running_loop().create_future()
            here.set_result(self._blocks[place])
            return here
        if place not in self._coming:
            coming = self.read(root_of(file), lambda engine: read(engine, file, index))
            self._coming[place] = coming
            coming.add_done_callback(lambda done: self._came(place, done))
        return self._coming[place]

    async def head(self, file: Stat, size: int) -> bytes:
        """The first bytes of a file; raises NodeError or TooSlow."""
        if file.cid not in self._heads:
            pieces = self.read(
                root_of(file), lambda engine: b"".join(engine.cat(file.cid, 0, size))
            )
            self._heads[file.cid] = await self.in_time(pieces)
            if len(self._heads) > KNOWN:
                self._heads.popitem(last=False)
        return self._heads[file.cid]

    def exactly(self, file: Stat, start: int, stop: int) -> "asyncio.Future[bytes]":
        """These bytes of a file and no others, for when some beside them are missing."""
        return self.read(
            root_of(file), lambda engine: b"".join(engine.cat(file.cid, start, stop - start))
        )

    def read(self, path: str, work: Callable[[NodeEngine], Result]) -> "asyncio.Future[Result]":
        """What the engine says, and where it lacks something, the network.

        Who holds what lies under the path's root is asked there.
        """
        near = self.run(lambda: work(self._engine))
        if self._far is None:
            return near
        far, root = self._far, path.partition("/")[0]
        return asyncio.ensure_future(self._else_far(near, lambda: work(far.under(root))))

    def run(self, work: Callable[[], Result]) -> "asyncio.Future[Result]":
        """Work that reads, in one of these threads."""
        return asyncio.get_running_loop().run_in_executor(self._threads, work)

    def walk(self, work: Callable[[], Result]) -> "asyncio.Future[Result]":
        """Work that goes through a whole graph or folder, in threads of its own."""
        return asyncio.get_running_loop().run_in_executor(self._walkers, work)

    async def in_time(self, work: "asyncio.Future[Result]") -> Result:
        """Wait, but not for ever; raises TooSlow."""
        try:
            return await asyncio.wait_for(asyncio.shield(work), self._seconds)
        except TimeoutError:
            raise TooSlow("The bytes did not come in time: try again in a moment.") from None

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._walkers.shutdown(wait=False, cancel_futures=True)
        self._far_threads.shutdown(wait=False, cancel_futures=True)

    async def _else_far(
        self,
        near: "asyncio.Future[Result]",
        work: Callable[[], Result],
    ) -> Result:
        why: NotFound | Corrupt
        try:
            return await near
        except (NotFound, Corrupt) as error:
            why = error
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._far_threads, work)
        except NotFound:
            raise why from None

    def _came(self, place: Place, done: "asyncio.Future[Pieces]") -> None:
        """Keep what was read before: one reader of a long film does not flush the rest."""
        del self._coming[place]
        if done.cancelled() or done.exception() is not None:
            return
        if place in self._seen:
            del self._seen[place]
            self._keep(place, done.result())
            return
        self._seen[place] = None
        if len(self._seen) > KNOWN:
            self._seen.popitem(last=False)

    def _keep(self, place: Place, pieces: Pieces) -> None:
        self._blocks[place] = pieces
        self.bytes += _weight(pieces)
        while self.bytes > self._most_bytes:
            _, dropped = self._blocks.popitem(last=False)
            self.bytes -= _weight(dropped)


def root_of(file: Stat) -> Cid:
    """Under which root the file was found."""
    return file.roots[0] if file.roots else file.cid


def read(engine: NodeEngine, file: Stat, index: int) -> Pieces:
    """One block of a file in pieces; raises NodeError. Runs in a thread."""
    start = index * BLOCK
    length = min(BLOCK, file.size - start)
    data = b"".join(engine.cat(file.cid, start, length))
    if len(data) != length:
        raise Corrupt(f"{file.cid} has fewer bytes than it says.")
    return tuple(data[at : at + PIECE] for at in range(0, length, PIECE))


def _weight(pieces: Pieces) -> int:
    return sum(map(len, pieces))

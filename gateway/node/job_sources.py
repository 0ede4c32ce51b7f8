"""Sources of jobs: fetched once for all pieces of a film that this node encodes, checked by CID."""

import asyncio
import contextlib
import os
import threading
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.node.job_orders import Declined, Order
from gateway.node.store import Store
from gateway.node.streams import Streams
from gateway.node.throttle import Throttle
from node_bridge import Cid, NodeError
from node_bridge.network.addresses import Guard

KEPT = 2  # sources that nobody uses now, for the next piece of the same film
PIECE = 1 << 20  # bytes


class SourceFailed(Exception):
    """The source did not come, or is not what its CID says."""


class Sources:
    """A folder of sources by CID. For one event loop."""

    def __init__(self, folder: Path, store: Store, guard: Guard, throttle: Throttle) -> None:
        self._folder = folder
        self._store = store
        self._stop = threading.Event()
        self._streams = Streams(guard, self._stop, throttle)
        self._fetching: defaultdict[Cid, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._used: defaultdict[Cid, int] = defaultdict(int)

    @asynccontextmanager
    async def using(self, order: Order) -> AsyncIterator[Path]:
        """The source as a file that stays for the length of the block; raises SourceFailed."""
        self._used[order.cid] += 1
        try:
            async with self._fetching[order.cid]:
                path = self._folder / order.cid
                if not path.exists():
                    await asyncio.to_thread(self._fetch, order, path)
            os.utime(path)
            yield path
        finally:
            self._used[order.cid] -= 1
            self._forget_old()

    def close(self) -> None:
        """End what is on its way."""
        self._stop.set()
        self._streams.close()

    def _fetch(self, order: Order, path: Path) -> None:
        part = path.with_suffix(".part")
        part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._download(order, part)
            with part.open("rb") as file:
                found = self._store.add(file, only_hash=True).cid
            if found != order.cid:
                raise SourceFailed("The source's bytes are not those of its CID.")
            part.replace(path)
        except (NodeError, OSError) as error:
            raise SourceFailed(f"The source did not come: {error}") from error
        finally:
            part.unlink(missing_ok=True)

    def _download(self, order: Order, part: Path) -> None:
        left = order.size
        with (
            self._streams.get(order.source, order.target, order.source.authorization) as body,
            part.open("wb") as file,
        ):
            while data := body.read(PIECE):
                left -= len(data)
                if left < 0:
                    raise SourceFailed(f"The source has more than {order.size} bytes.")
                file.write(data)
        if left:
            raise SourceFailed(f"The source ends {left} bytes early.")

    def _forget_old(self) -> None:
        """Keep the newest that nobody uses, in case more of the same film comes."""
        with contextlib.suppress(FileNotFoundError):
            idle = [path for path in self._folder.iterdir() if not self._used.get(path.name)]
            idle.sort(key=lambda path: path.stat().st_mtime, reverse=True)
            for path in idle[KEPT:]:
                path.unlink(missing_ok=True)


def check_room(order: Order, folder: Path, free: int) -> None:
    """Raises Declined where source and result would not fit beside what this node has promised."""
    here = (folder / order.cid).exists()
    needed = 2 * order.most_bytes + (0 if here else order.size)
    if needed > free:
        raise Declined("There is no room for this job's files.")

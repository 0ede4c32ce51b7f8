"""Brings a whole graph from the network into the own store, many blocks at a time."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from typing import Self

from node_bridge import car, walking
from node_bridge.cid import LINKLESS, ParsedCid
from node_bridge.engine import Limits, NodeEngine
from node_bridge.errors import Corrupt, NotFound, TooBig
from node_bridge.local import LocalEngine
from node_bridge.network.fetching import Fetcher, Flight

WINDOW = 16  # blocks on their way at once
BOUT = 16 << 20  # bytes stored together


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came from the network: so many blocks, so many bytes. What was here is not in it."""

    blocks: int
    size: int


def pull(
    root: ParsedCid,
    local: NodeEngine,
    fetcher: Fetcher,
    limits: Limits,
    *,
    paced: Callable[[int], object] = bool,
) -> Pulled:
    """Fetch what is missing of the graph; all that came is stored, also when it breaks off.

    `paced` hears of the bytes of each block, and waits until more may come.

    Raises NotFound, NobodyHas, TooBig past the limits (blocks, bytes, depth), OverQuota, BadBlock.
    """
    blocks = size = 0
    with closing(_Walk(root, local, fetcher, limits)) as walk, _Storing(root, local) as storing:
        for key, data in walk.fetched():
            storing.put(key, data)
            paced(len(data))
            blocks, size = blocks + 1, size + len(data)
    return Pulled(blocks, size)


class _Storing:
    """Puts blocks into the store, a bout at a time, while the next ones come."""

    def __init__(self, root: ParsedCid, local: NodeEngine) -> None:
        self._root = root
        self._local = local
        self._bout: list[tuple[ParsedCid, bytes]] = []
        self._waiting = 0
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="storing")
        self._writing: Future[None] | None = None

    def put(self, key: ParsedCid, data: bytes) -> None:
        """Raises what storing an earlier bout did."""
        self._bout.append((key, data))
        self._waiting += len(data)
        if self._waiting >= BOUT:
            self._write()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._write()
            self._settle()
        finally:
            self._writer.shutdown()

    def _write(self) -> None:
        self._settle()
        bout, self._bout, self._waiting = self._bout, [], 0
        if bout:
            self._writing = self._writer.submit(_store, self._root, bout, self._local)

    def _settle(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()


class _Walk:
    """Over every block once, parents before children, those that are missing asked for early."""

    def __init__(
        self, root: ParsedCid, local: NodeEngine, fetcher: Fetcher, limits: Limits
    ) -> None:
        self._root = str(root)
        self._local = local
        self._fetcher = fetcher
        self._limits = limits
        self._size = 0
        self._seen: set[tuple[int, bytes]] = set()
        self._ahead: list[tuple[ParsedCid, int]] = [(root, 0)]  # with its depth
        self._coming: deque[tuple[ParsedCid, int, Flight]] = deque()

    def fetched(self) -> Iterator[tuple[ParsedCid, bytes]]:
        """What came from the network."""
        while self._ahead or self._coming:
            self._ask()
            if not self._coming:
                continue
            key, depth, flight = self._coming[0]
            data = self._fetcher.block(key, self._root)
            self._fetcher.leave(flight)
            self._coming.popleft()
            self._count(len(data))
            yield key, data
            self._go_on(key, data, depth)

    def close(self) -> None:
        for _, _, flight in self._coming:
            self._fetcher.leave(flight)

    def _ask(self) -> None:
        """Have as many blocks on their way as may be, passing over what is here."""
        while self._ahead and len(self._coming) < WINDOW:
            key, depth = self._ahead.pop()
            place = (key.codec, key.digest)
            if place in self._seen:
                continue
            self._seen.add(place)
            if len(self._seen) > self._limits.walk_blocks:
                raise TooBig(f"The graph under {self._root} has more blocks than are fetched.")
            own = self._own(key)
            if own is None:
                self._coming.append((key, depth, self._fetcher.soon(key, self._root)))
            else:
                self._count(len(own))
                self._go_on(key, own, depth)

    def _own(self, key: ParsedCid) -> bytes | None:
        """The block where it is here and sound; of a leaf it is enough that it is here."""
        if key.inline is not None:
            return key.inline
        if key.codec in LINKLESS:
            return b"" if self._local.has(str(key)) else None
        try:
            return self._local.get_block(str(key))
        except (NotFound, Corrupt):
            return None

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > self._limits.walk_bytes:
            raise TooBig(f"The graph under {self._root} has more bytes than are fetched.")

    def _go_on(self, key: ParsedCid, data: bytes, depth: int) -> None:
        below = walking.links(key, data)
        if below and depth >= self._limits.depth:
            raise TooBig(f"The graph under {self._root} is deeper than {depth} blocks.")
        if len(self._ahead) + len(below) > self._limits.waiting:
            raise TooBig(f"The graph under {self._root} is wider than is fetched.")
        self._ahead.extend((child, depth + 1) for child in reversed(below))


def _store(root: ParsedCid, blocks: list[tuple[ParsedCid, bytes]], local: NodeEngine) -> None:
    """As they are where the engine is in this process, else as an archive."""
    if isinstance(local, LocalEngine):
        local.put_blocks(blocks)
    else:
        local.import_car(BytesIO(b"".join(car.write([root], blocks))))

"""How much a store on disk holds and may yet take, agreed between all its processes.

One lock file serialises the short moments that must not overlap: counting,
moving finished blocks into place, freeing. One counter file holds the bytes
and blocks. Bytes are counted when an intake reserves room for them, before
they are written, so that the quota is never overrun by several at once.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EDQUOT, EFBIG, ENOSPC
from fcntl import LOCK_EX, flock
from pathlib import Path
from struct import Struct

from node_bridge.engine import RepoStat
from node_bridge.errors import EngineDown, OverQuota

STEP = 64 * 1024 * 1024  # bytes an intake reserves at a time, when there is plenty
SPARE = 4 * 1024 * 1024  # bytes of the disk left for pins and the file system's own needs
COUNTS = Struct("<qq")  # bytes, blocks

NO_ROOM = {ENOSPC, EDQUOT, EFBIG}


@contextmanager
def named_failures() -> Iterator[None]:
    """Turn what the disk says into OverQuota or EngineDown."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise OverQuota(f"The disk is full: {error.strerror}.") from error
        raise EngineDown(f"The node's folder cannot be used: {error}") from error


class Room:
    def __init__(self, root: Path, quota: int | None) -> None:
        self._root = root
        self._quota = quota
        self._lock = root / "lock"
        self._counter = root / "used"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone among all threads and processes. Not to be nested."""
        with named_failures():
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            flock(descriptor, LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def reserve(self, size: int) -> int:
        """Count `size` bytes as used, or more while there is plenty; raises OverQuota."""
        with self.locked():
            left = self._left()
            if size <= left:
                counted = max(size, min(STEP, left // 8))
                self.change(counted, 0)
                return counted
        raise OverQuota(f"There is no room for {size} more bytes on this node.")

    def change(self, size: int, blocks: int) -> None:
        """Add to the counts; for who holds the lock."""
        held = self._read() or (0, 0)
        self.write(held[0] + size, held[1] + blocks)

    def write(self, size: int, blocks: int) -> None:
        """Set the counts; for who holds the lock."""
        with named_failures():
            descriptor = os.open(self._counter, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                os.pwrite(descriptor, COUNTS.pack(max(size, 0), max(blocks, 0)), 0)
            finally:
                os.close(descriptor)

    @property
    def is_counted(self) -> bool:
        return self._read() is not None

    def stat(self) -> RepoStat:
        used, blocks = self._read() or (0, 0)
        return RepoStat(used, self._quota, blocks, str(self._root))

    def _left(self) -> int:
        with named_failures():
            disk = os.statvfs(self._root)
        free = disk.f_bavail * disk.f_frsize - SPARE
        if self._quota is None:
            return free
        return min(free, self._quota - (self._read() or (0, 0))[0])

    def _read(self) -> tuple[int, int] | None:
        try:
            data = self._counter.read_bytes()
        except FileNotFoundError:
            return None
        if len(data) != COUNTS.size:
            return None
        size, blocks = COUNTS.unpack(data)
        return size, blocks

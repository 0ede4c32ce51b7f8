"""An intake: blocks on their way into a store on disk, all of them or none.

Blocks are written into a folder of the intake's own and synced there while
the next ones are read and hashed, and moved into place when the intake ends well. So a name
in the store always means whole, durable bytes, and whatever a kill, a full
disk or a change of mind leaves behind lies in that one folder.

A block that the store already has is linked into the intake: should a sweep
free it meanwhile, moving the link into place brings it back.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fcntl import LOCK_EX, LOCK_NB, flock
from itertools import islice
from pathlib import Path
from secrets import token_hex

from node_bridge.cid import ParsedCid, is_sound
from node_bridge.room import COUNTS, Room, named_failures

BOUT = 256  # blocks moved at a time under the store's lock
SYNCERS = 2  # threads; more only fight for the journal
SYNCING = 16  # blocks written and not yet on the disk

Find = Callable[[str], str]  # a block's name to its place in the store


class Intake:
    """One batch of a store on disk. `find` tells where a block of a name belongs."""

    def __init__(self, parent: Path, room: Room, find: Find, *, fsync: bool) -> None:
        self.new_blocks = 0
        self._room = room
        self._find = find
        self._fsync = fsync
        self._allowance = 0  # of what is reserved, not yet spent
        self._reserved = 0
        self._syncs: list[Future[None]] = []
        self._pool = ThreadPoolExecutor(SYNCERS, thread_name_prefix="intake")
        self._folder = str(parent / token_hex(8))
        with room.locked(), named_failures():
            Path(self._folder).mkdir()
            self._claim = _claim(self._folder)

    def put(self, key: ParsedCid, data: bytes | memoryview) -> None:
        name = key.digest.hex()
        place, here = self._find(name), f"{self._folder}/{name}"
        with named_failures():
            if os.path.exists(here):  # twice in one intake  # noqa: PTH110 (hot)
                return
            if os.path.exists(place) and _link_if_sound(place, here, key.digest):  # noqa: PTH110
                return
            self._reserve(len(data))
            self._finish(_write(here, data))

    def commit(self) -> None:
        """Move everything into the store; durable on return."""
        with named_failures():
            for sync in self._syncs:
                sync.result()
            touched: set[str] = set()
            names = _names(self._folder)
            while bout := list(islice(names, BOUT)):
                with self._room.locked():
                    self._move(bout)
                touched.update(os.path.dirname(self._find(name)) for name in bout)  # noqa: PTH120
            if self._fsync:
                for folder in touched:
                    sync_folder(folder)

    def close(self) -> None:
        """Give back the room that was not used, and remove what was not moved."""
        self._pool.shutdown()
        try:
            with named_failures():
                for name in _names(self._folder):
                    os.unlink(f"{self._folder}/{name}")  # noqa: PTH108 (hot)
            with self._room.locked():
                shutil.rmtree(self._folder, ignore_errors=True)
                self._room.change(-self._reserved, 0)
        finally:
            os.close(self._claim)

    def _finish(self, block: int) -> None:
        """Close a written block, or let it sync while the next ones are read and hashed."""
        if not self._fsync:
            os.close(block)
            return
        if len(self._syncs) >= SYNCING:
            self._syncs.pop(0).result()
        self._syncs.append(self._pool.submit(_sync, block))

    def _reserve(self, size: int) -> None:
        if size > self._allowance:
            more = self._room.reserve(size)
            self._allowance += more
            self._hold(more)
        self._allowance -= size

    def _hold(self, more: int) -> None:
        """Note what is reserved where others find it, should this process die."""
        self._reserved += more
        _note(self._claim, self._reserved)

    def _move(self, names: list[str]) -> None:
        """Into place, for who holds the lock; what comes is no longer only reserved."""
        places = [(f"{self._folder}/{name}", self._find(name)) for name in names]
        fresh = [here for here, place in places if not os.path.exists(place)]  # noqa: PTH110
        size = sum(os.stat(here).st_size for here in fresh)  # noqa: PTH116
        for here, place in places:
            os.replace(here, place)  # noqa: PTH105
        self._hold(-size)
        self._room.change(0, len(fresh))
        self.new_blocks += len(fresh)


def clear_dead(parent: Path) -> tuple[int, int]:
    """Remove what killed intakes left; for who holds the store's lock.

    The answer: how many were dead, and the bytes that the living have reserved.
    """
    dead = reserved = 0
    for folder in parent.iterdir():
        claim = os.open(folder / "claim", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            flock(claim, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            reserved += _reserved(claim)
        else:
            dead += 1
            shutil.rmtree(folder)
        finally:
            os.close(claim)
    return dead, reserved


def sync_folder(folder: str | Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _claim(folder: str) -> int:
    """An open file, locked as long as this process lives, that holds the bytes reserved."""
    claim = os.open(f"{folder}/claim", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        flock(claim, LOCK_EX)
        _note(claim, 0)  # takes its place on the disk now, so that it can be changed on a full one
    except OSError:
        os.close(claim)
        raise
    return claim


def _reserved(claim: int) -> int:
    data = os.pread(claim, COUNTS.size, 0)
    return int(COUNTS.unpack(data)[0]) if len(data) == COUNTS.size else 0


def _note(claim: int, size: int) -> None:
    os.pwrite(claim, COUNTS.pack(size, 0), 0)


def _names(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries]
    return (name for name in names if name != "claim")


def _write(path: str, data: bytes | memoryview) -> int:
    """An open file of these bytes."""
    block = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(block, rest) :]
    except OSError:
        os.close(block)
        raise
    return block


def _sync(block: int) -> None:
    try:
        os.fsync(block)
    finally:
        os.close(block)


def _link_if_sound(place: str, here: str, digest: bytes) -> bool:
    """Link a block of the store into the intake, unless it is damaged and must be replaced."""
    try:
        with open(place, "rb", buffering=0) as block:  # noqa: PTH123 (hot)
            if not is_sound(block.read(), digest):
                return False
        os.link(place, here)
    except FileExistsError:
        return True
    except OSError:  # just freed, too many links, or a file system without links
        return False
    return True

"""Blocks on disk: one file a block, in 256 folders by the start of its digest.

    root/blocks/3f/3f9a…    whole and durable blocks, named by their digest
    root/adding/<random>/   intakes under way, see intake.py
    root/lock, root/used    see room.py

Any number of threads and processes may open one root.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from node_bridge import intake
from node_bridge.blocks import Keep
from node_bridge.cid import is_sound
from node_bridge.engine import MAX_BLOCK, RepoStat
from node_bridge.errors import Corrupt, EngineDown, NotFound
from node_bridge.intake import Intake
from node_bridge.room import Room, named_failures

NAME = re.compile("(?:[0-9a-f]{64}){1,2}")


class FileBlocks:
    """`grace`: seconds for which a sweep spares a block that was just stored or wanted again."""

    def __init__(self, root: Path, *, fsync: bool, quota: int | None, grace: float) -> None:
        self._blocks = root / "blocks"
        self._adding = root / "adding"
        self._prefix = f"{self._blocks}/"
        self._fsync = fsync
        self._grace = grace
        self._room = Room(root, quota)
        with named_failures():
            self._lay_out()

    def get(self, digest: bytes) -> bytes:
        try:
            block = os.open(self._find(digest.hex()), os.O_RDONLY)
        except FileNotFoundError as error:
            raise NotFound("This block is not in the node.") from error
        except OSError as error:
            raise EngineDown(f"A block cannot be opened: {error}") from error
        try:
            data = os.read(block, min(os.fstat(block).st_size, MAX_BLOCK) + 1)
        except OSError as error:  # a bad sector
            raise Corrupt("A block cannot be read from the disk.") from error
        finally:
            os.close(block)
        if not is_sound(data, digest):
            raise Corrupt("A block on the disk is damaged.")
        return data

    def size(self, digest: bytes) -> int | None:
        try:
            return os.stat(self._find(digest.hex())).st_size  # noqa: PTH116 (hot)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise EngineDown(f"The node's folder cannot be used: {error}") from error

    @contextmanager
    def batch(self) -> Iterator[Intake]:
        batch = Intake(self._adding, self._room, self._find, fsync=self._fsync)
        try:
            yield batch
            batch.commit()
        finally:
            batch.close()

    def digests(self) -> Iterator[bytes]:
        for folder in self._folders():
            for name in sorted(entry.name for entry in _blocks_in(folder)):
                yield bytes.fromhex(name)

    def usage(self) -> RepoStat:
        return self._room.stat()

    def sweep(self, keep: Keep, *, dry_run: bool) -> int:
        with self._room.locked():
            self._clear()
        return sum(self._sweep(folder, keep, dry_run=dry_run) for folder in self._folders())

    def hold(self) -> AbstractContextManager[None]:
        return self._room.locked()

    def _sweep(self, folder: Path, keep: Keep, *, dry_run: bool) -> int:
        """One folder, alone in the store; ages are read under the lock, just before freeing."""
        freed = blocks = 0
        with self._room.locked(), named_failures():
            kept = keep()
            newest = time.time() - self._grace
            for entry in _blocks_in(folder):
                if bytes.fromhex(entry.name) in kept or entry.stat().st_ctime > newest:
                    continue
                freed += entry.stat().st_size
                blocks += 1
                if not dry_run:
                    os.unlink(entry.path)  # noqa: PTH108 (hot)
            if not dry_run:
                self._room.change(-freed, -blocks)
        return freed

    def _find(self, name: str) -> str:
        return f"{self._prefix}{name[:2]}/{name}"

    def _folders(self) -> Iterator[Path]:
        return (self._blocks / f"{number:02x}" for number in range(256))

    def _lay_out(self) -> None:
        self._adding.mkdir(parents=True, exist_ok=True)
        self._blocks.mkdir(exist_ok=True)
        for folder in self._folders():
            folder.mkdir(exist_ok=True)
        if self._fsync:
            intake.sync_folder(self._blocks)
            intake.sync_folder(self._blocks.parent)
        with self._room.locked():
            self._clear()

    def _clear(self) -> None:
        """Forget intakes that died, and count anew when one did or nobody has counted yet."""
        dead, reserved = intake.clear_dead(self._adding)
        if dead or not self._room.is_counted:
            sizes = [
                entry.stat().st_size for folder in self._folders() for entry in _blocks_in(folder)
            ]
            self._room.write(sum(sizes) + reserved, len(sizes))


def _blocks_in(folder: Path) -> list[os.DirEntry[str]]:
    """The blocks of one folder, and nothing else that may have strayed into it."""
    with os.scandir(folder) as entries:
        return [entry for entry in entries if NAME.fullmatch(entry.name)]

"""One chain process per folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 3.0  # seconds a predecessor that was told to end may still take


class AlreadyHeld(Exception):
    """Another process runs this chain; the message says which."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Raises AlreadyHeld. The kernel lets go with the process, however that ends."""
    with (folder / "lock").open("a+b", buffering=0) as lock:
        deadline = time.monotonic() + PATIENCE
        while not _take(lock.fileno()):
            if time.monotonic() > deadline:
                lock.seek(0)
                holder = lock.read(32).decode(errors="replace") or "unknown"
                raise AlreadyHeld(
                    f"The chain in {folder} is already run by process {holder}. Stop that one "
                    "first, or give another folder with --data."
                )
            time.sleep(0.1)
        lock.truncate(0)
        lock.write(str(os.getpid()).encode())
        yield


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

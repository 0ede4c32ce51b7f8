"""One running WeTube per data folder."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE = 30.0


class AlreadyRunning(Exception):
    """Another WeTube holds the data folder; the message says which and what to do."""


class DataLock:
    """Held by the tree and by every leash, so it is free once the last process has gone.

    The kernel frees it with the last holder: after kill -9 nothing stale is left.
    """

    def __init__(self, folder: Path, *, patience: float = PATIENCE) -> None:
        self._path = folder / "up.lock"
        self._folder = folder
        self._patience = patience
        self.fd = -1

    def __enter__(self) -> Self:
        """Raises AlreadyRunning; waits first where only remains of a killed run hold on."""
        self.fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + self._patience
        while not self._take():
            holder = self._holder()
            if _is_alive(holder) or time.monotonic() > deadline:
                os.close(self.fd)
                raise AlreadyRunning(
                    f"WeTube already runs on {self._folder} (process {holder}). Stop that one "
                    "first, or give this one another folder with WETUBE_DATA."
                )
            time.sleep(0.1)
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, str(os.getpid()).encode(), 0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self.fd)

    def _take(self) -> bool:
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int:
        words = os.pread(self.fd, 32, 0)
        return int(words) if words.isdigit() else 0


def _is_alive(pid: int) -> bool:
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

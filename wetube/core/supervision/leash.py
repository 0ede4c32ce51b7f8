"""Runs one program so that nothing it starts outlives it, nor it the one who started it.

Started as `python -I leash.py SECONDS PROGRAM ARGUMENTS…`, with the standard
library only, because it is there once per process. On Linux the leash is told when
its parent dies, even by kill -9, and inherits orphans of its program (see
PR_SET_PDEATHSIG and PR_SET_CHILD_SUBREAPER in prctl(2)); elsewhere it only passes
signals on to the program's process group.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

told_to_end: list[int] = []


def main(patience: float, command: list[str]) -> int:
    """Returns the program's exit code, 128 + n when signal n ended it."""
    parent = os.getppid()
    bell = _ring_on_signals()
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != parent:
        return 0
    program = subprocess.Popen(command, process_group=0)  # noqa: S603 - the tree's own words
    while program.poll() is None and not told_to_end:
        select.select([bell], [], [])
        os.read(bell, 512)
    if program.poll() is None:
        _end(program, patience)
    _end_descendants(program.pid)
    return program.returncode if program.returncode >= 0 else 128 - program.returncode


def _ring_on_signals() -> int:
    """A file descriptor that becomes readable when we are told to end or a child has ended."""
    bell, hammer = os.pipe()
    os.set_blocking(hammer, False)
    signal.set_wakeup_fd(hammer, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, _tell)
    signal.signal(signal.SIGCHLD, _wake)
    return bell


def _end(program: subprocess.Popen[bytes], patience: float) -> None:
    program.terminate()
    try:
        program.wait(patience)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def _end_descendants(group: int) -> None:
    """Kill what is left; orphans became our own children, so a few rounds find them all."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    for _ in range(50):
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        left = _descendants(os.getpid())
        if not left:
            return
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # the name in parentheses may hold anything; the parent is the second word after it
            parent = int(stat.read_bytes().rpartition(b")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found: list[int] = []
    queue = [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _tell(number: int, _frame: FrameType | None) -> None:
    told_to_end.append(number)


def _wake(_number: int, _frame: FrameType | None) -> None:
    """Having a handler at all is what makes the bell ring."""


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))

"""Becomes a program that dies with who started it, even by kill -9.

Started as `python -I tied.py PARENT PROGRAM ARGUMENTS…`, PARENT the process id of whoever starts
it. On Linux the kernel does it (PR_SET_PDEATHSIG in prctl(2), which outlives exec): it watches the
thread that starts the program, so that thread should be the one that ends it. Elsewhere nothing
is tied.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> int:
    """Returns only when the parent has gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() == parent:
        os.execv(command[0], command)  # noqa: S606 - becomes the program, no shell
    return 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))

"""What is tied to a process ends with it, however that ends, and is itself in all else."""

import subprocess
import sys
from pathlib import Path

from script import tied
from tests.scripts.test_tree import LINUX_ONLY, gone_within, is_alive

TIED = [sys.executable, "-I", str(Path(tied.__file__))]
HOLDER = f"""
import os, subprocess, sys
words = {TIED!r} + [str(os.getpid()), sys.executable, "-c", sys.argv[1]]
child = subprocess.Popen(words, start_new_session=True)
print(child.pid, flush=True)
child.wait()
"""
WAITS = (
    "import signal, time; signal.signal(15, signal.SIG_IGN);print('up', flush=True); time.sleep(60)"
)


@LINUX_ONLY
def test_it_dies_with_a_parent_that_is_killed() -> None:
    words = [sys.executable, "-c", HOLDER, WAITS]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        said = {holder.stdout.readline().strip(), holder.stdout.readline().strip()}
        (pid,) = (int(word) for word in said - {"up"})
        assert is_alive(pid)
        holder.kill()
    assert gone_within(pid, 10)


@LINUX_ONLY
def test_it_does_not_begin_when_its_parent_has_gone_already() -> None:
    words = [*TIED, "1", sys.executable, "-c", "print('up')"]
    done = subprocess.run(words, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"")

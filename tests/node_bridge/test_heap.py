"""A process that reads blocks does not have its memory mapped anew for each of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

READS = """
import resource, sys
from pathlib import Path
from random import Random
from node_bridge import EmbeddedEngine, heap
engine = EmbeddedEngine(Path(sys.argv[1]), fsync=False)
cid = engine.add([Random(1).randbytes(4 << 20)]).cid

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for place in range(30):
        b"".join(engine.cat(cid, (1 << 19) + (place % 2 << 20), 1 << 20))
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults()
plain = faults()
kept = heap.keep_what_is_freed()
faults()
print(kept, plain, faults())
"""


# glibc may raise these by itself when large pieces come and go; said from outside, they stay.
UNTAUGHT = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


@pytest.mark.skipif(sys.platform != "linux", reason="needs glibc")
def test_blocks_are_read_into_memory_that_is_there(tmp_path: Path, repository: Path) -> None:
    words = [sys.executable, "-c", READS, str(tmp_path)]
    environment = {**os.environ, **UNTAUGHT}
    done = subprocess.run(
        words, cwd=repository, env=environment, check=True, capture_output=True, text=True
    )

    kept, plain, after = done.stdout.split()
    assert kept == "True"
    assert int(after) < int(plain) / 10

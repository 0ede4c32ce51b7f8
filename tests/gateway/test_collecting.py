"""The collector leaves alone what was there at the start, and still finds what comes later."""

import subprocess
import sys
from pathlib import Path

COLLECTS = """
import gc, weakref
from gateway.collecting import leave_the_old_alone
class Ring: pass
leave_the_old_alone()
assert gc.get_freeze_count() > 10_000
ring = Ring(); ring.ring = ring
gone = weakref.ref(ring)
del ring
alive = [[] for _ in range(60_000)]
print(gone() is None)
"""


def test_rings_made_later_are_found(repository: Path) -> None:
    words = [sys.executable, "-c", COLLECTS]
    done = subprocess.run(words, cwd=repository, check=True, capture_output=True, text=True)
    assert done.stdout == "True\n"

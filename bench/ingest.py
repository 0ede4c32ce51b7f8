"""Adding a file to the embedded node, as a ratio of only hashing and copying it.

The floor reads the same file in the same pieces, feeds one sha256 and writes
one copy. Rounds are interleaved, the figures are medians.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from statistics import median

from bench.report import note, report
from node_bridge import EmbeddedEngine

PIECE = 1024 * 1024  # bytes


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        source = _source(Path(scratch), options.megabytes)
        ways: dict[str, Callable[[Path, Path], None]] = {
            "floor": _hash_and_copy,
            "add": _add,
            "add, fsync": _add_durably,
        }
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, way in ways.items():
                seconds[name].append(_timed(way, source, Path(scratch) / "target"))
    spent = {name: median(times) for name, times in seconds.items()}
    for name, time_ in spent.items():
        note(f"ingest {name}", f"{options.megabytes / time_:.0f} MB/s")
    note("ingest add, fsync / floor", f"{spent['floor'] / spent['add, fsync']:.3f}")
    reached = report("ingest add / (sha256 + copy)", spent["floor"] / spent["add"], 0.8)
    return 0 if reached else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where to write; the system's temporary folder if unsaid")
    return parser.parse_args()


def _source(scratch: Path, megabytes: int) -> Path:
    source = scratch / "source"
    with source.open("wb") as out:
        for _ in range(megabytes):
            out.write(os.urandom(1_000_000))
    return source


def _timed(way: Callable[[Path, Path], None], source: Path, target: Path) -> float:
    """Seconds of one way; what other rounds left to be written is not charged to it."""
    os.sync()
    start = time.perf_counter()
    way(source, target)
    spent = time.perf_counter() - start
    target.unlink() if target.is_file() else shutil.rmtree(target)
    return spent


def _hash_and_copy(source: Path, target: Path) -> None:
    digest = sha256()
    piece = memoryview(bytearray(PIECE))
    with source.open("rb", buffering=0) as src, target.open("wb", buffering=0) as out:
        while length := src.readinto(piece):
            digest.update(piece[:length])
            out.write(piece[:length])


def _add(source: Path, target: Path) -> None:
    with source.open("rb", buffering=0) as src:
        EmbeddedEngine(target, fsync=False).add(src)


def _add_durably(source: Path, target: Path) -> None:
    with source.open("rb", buffering=0) as src:
        EmbeddedEngine(target).add(src)


if __name__ == "__main__":
    sys.exit(main())

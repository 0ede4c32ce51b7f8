"""Adding a file to the embedded node, as a ratio of only hashing and copying it.

The floor reads the same file in the same pieces, feeds one sha256 and writes
one copy. Rounds are interleaved after one that warms up; figures are medians,
ratios those of one round.
What was written stays until the end, outside the page cache: ext4 looks long
for a free inode while many were deleted in the last seconds.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from io import FileIO
from itertools import count
from pathlib import Path
from statistics import median

from bench.report import note, report
from node_bridge import EmbeddedEngine

PIECE = 1024 * 1024  # bytes

Take = Callable[[FileIO], None]
Prepare = Callable[[Path], Take]


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        film = source(Path(scratch), options.megabytes)
        targets = (Path(scratch) / str(number) for number in count())
        ways = (floor, adding(fsync=False), adding(fsync=True))
        rounds = [
            [timed(prepare, film, next(targets)) for prepare in ways]
            for _ in range(options.rounds + 1)
        ][1:]
    bare, add, durable = (median(times) for times in zip(*rounds, strict=True))
    note("ingest sha256 + copy", f"{options.megabytes / bare:.0f} MB/s")
    note("ingest add", f"{options.megabytes / add:.0f} MB/s")
    note("ingest add, fsync", f"{options.megabytes / durable:.0f} MB/s")
    note("ingest add, fsync / floor", f"{median(f / d for f, _, d in rounds):.3f}")
    ratio = median(f / a for f, a, _ in rounds)
    return 0 if report("ingest add / (sha256 + copy)", ratio, 0.8) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where to write; the system's temporary folder if unsaid")
    return parser.parse_args()


def source(scratch: Path, megabytes: int) -> Path:
    """A file of random bytes; MB are 10^6."""
    path = scratch / "source"
    with path.open("wb") as out:
        for _ in range(megabytes):
            out.write(os.urandom(1_000_000))
    return path


def timed(prepare: Prepare, film: Path, target: Path) -> float:
    """Seconds of one way; neither laying out the target nor clearing the disk's queue counts."""
    target.mkdir()
    take = prepare(target)
    with film.open("rb", buffering=0) as src:
        start = time.perf_counter()
        take(src)
        spent = time.perf_counter() - start
    os.sync()
    _leave_cache(target)
    return spent


def _leave_cache(target: Path) -> None:
    """Hand the pages back, so that no round has to find fresh memory."""
    for path in target.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def floor(target: Path) -> Take:
    """The least that any store must do."""

    def hash_and_copy(src: FileIO) -> None:
        digest = sha256()
        piece = memoryview(bytearray(PIECE))
        with (target / "copy").open("wb", buffering=0) as out:
            while length := src.readinto(piece):
                digest.update(piece[:length])
                out.write(piece[:length])

    return hash_and_copy


def adding(*, fsync: bool) -> Prepare:
    """Adding to an empty embedded engine."""

    def prepare(target: Path) -> Take:
        engine = EmbeddedEngine(target, fsync=fsync)

        def add(src: FileIO) -> None:
            engine.add(src)

        return add

    return prepare


if __name__ == "__main__":
    sys.exit(main())

"""Private bytes through their whole way in: sealed, coded 6-of-10, hashed and written, n columns
into a store on disk without fsync. Beside it, for the figure of the day, one sha256 of the same
bytes. All take turns; figures are medians, the ratio that of one round. Goal: 200 MB/s where
sha256 does 1.6 GB/s. Reading back from any k, and making lost shards anew, are printed as well.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import TypeVar

from bench.report import note, report
from node_bridge import EmbeddedEngine
from node_bridge.network import columns
from node_bridge.network.coding import MIDDLE, Seal
from node_bridge.network.columns import Column
from node_bridge.network.striping import PURPOSE, Striping

Result = TypeVar("Result")
PIECE = 1 << 20  # bytes a stream comes in
GOAL = 200 / 1600
KEY = bytes(range(32))


def main() -> int:
    options = _options()
    data = os.urandom(options.megabytes * 1_000_000)
    rounds = [_round(data, options.folder) for _ in range(options.rounds + 1)][1:]
    floor, wrote, read, repaired = (
        options.megabytes / median(times) for times in zip(*rounds, strict=True)
    )
    note("private sha256", f"{floor:.0f} MB/s")
    note("private seal, code, hash, write", f"{wrote:.0f} MB/s")
    note("private read, n-k lost", f"{read:.0f} MB/s")
    note("private make a column anew", f"{repaired:.0f} MB/s of the file")
    ratio = median(floor / wrote for floor, wrote, _, _ in rounds)
    return 0 if report("private pipeline / sha256", ratio, GOAL) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where to write; the system's temporary folder if unsaid")
    return parser.parse_args()


def _round(data: bytes, folder: str | None) -> tuple[float, float, float, float]:
    """Seconds of the floor, the way in, the way out, and of making one column anew."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        engine = EmbeddedEngine(Path(scratch) / "store", fsync=False)
        floor, _ = _timed(lambda: sha256(data).digest())
        wrote, stored = _timed(lambda: _store(engine, data))
        read, back = _timed(lambda: b"".join(_read(engine, stored)))
        assert back == data
        repaired, made = _timed(lambda: engine.add(_remade(engine, stored, 0), only_hash=True))
        assert made.cid == stored[0].cid
    return floor, wrote, read, repaired


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _store(engine: EmbeddedEngine, data: bytes) -> list[Column]:
    """One part: the bench's file is smaller than that."""
    pieces = (data[place : place + PIECE] for place in range(0, len(data), PIECE))
    (stored,) = (
        columns.store(engine, part, MIDDLE.n) for part in Striping(pieces, MIDDLE, KEY).parts()
    )
    return stored


def _read(engine: EmbeddedEngine, stored: list[Column]) -> Iterator[bytes]:
    """With the first n − k columns lost."""
    seal = Seal(KEY, PURPOSE)
    for number, shards in enumerate(_left(engine, stored, MIDDLE.n - MIDDLE.k)):
        yield seal.open(number, MIDDLE.decode(shards))


def _remade(engine: EmbeddedEngine, stored: list[Column], number: int) -> Iterator[bytes]:
    for shards in _left(engine, stored, 1):
        yield MIDDLE.remake(shards, number)


def _left(engine: EmbeddedEngine, stored: list[Column], lost: int) -> Iterator[list[bytes]]:
    """Stripe by stripe, k shards of the columns that are left."""
    for stripe in range(len(stored[0].shards)):
        named = [column.shards[stripe] for column in stored[lost:]]
        yield [engine.get_block(cid) for cid in named[: MIDDLE.k]]


if __name__ == "__main__":
    sys.exit(main())

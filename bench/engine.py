"""Adding a file and reading a mebibyte of it: the embedded node, the floor, and Kubo.

The floor reads the same file in the same pieces, feeds one sha256 and writes
one copy. Kubo adds it by its own `ipfs add`, into an empty repository of the
same profile, which like ours does not wait for the disk (`sync: false`); making
the repository does not count, and what the program takes to start is told
apart. Rounds are interleaved; figures are medians, ratios those of one round.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from io import FileIO
from itertools import count
from pathlib import Path
from random import Random
from statistics import median, quantiles

from bench.ingest import Take, adding, floor, source, timed
from bench.report import note, report
from node_bridge import EmbeddedEngine, NodeEngine, heap
from node_bridge.kubo import KuboEngine
from node_bridge.kubo_rpc import Rpc
from script import kubos

MIB = 1 << 20
READS = 200


def main() -> int:
    options = _options()
    heap.keep_what_is_freed()  # as the gateway does at its start
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        folder = Path(scratch)
        film = source(folder, options.megabytes)
        written = _ingest(film, folder, options)
        read = _reads(film, folder)
    return 0 if written and read else 1


def _ingest(film: Path, folder: Path, options: argparse.Namespace) -> bool:
    targets = (folder / str(number) for number in count())
    ways = (floor, adding(fsync=False), _by_kubo)
    rounds = [
        [timed(prepare, film, next(targets)) for prepare in ways] for _ in range(options.rounds + 1)
    ][1:]
    names = ("engine sha256 + copy", "engine add", "engine ipfs add")
    for name, times in zip(names, zip(*rounds, strict=True), strict=True):
        note(name, f"{options.megabytes / median(times):.0f} MB/s")
    note("engine ipfs starts in", f"{_starting(folder / 'starting') * 1000:.0f} ms")
    near = median(bare / ours for bare, ours, _ in rounds)
    ahead = median(kubo / ours for _, ours, kubo in rounds)
    reached = report("engine add / (sha256 + copy)", near, 0.8)
    return report("engine add / ipfs add", ahead, 1.0) and reached


def _by_kubo(target: Path) -> Take:
    program, env = kubos.repository(target)

    def add(src: FileIO) -> None:
        words = [program, "add", "--offline", "--quieter", "--progress=false", src.name]
        subprocess.run(words, env=env, check=True, stdout=subprocess.DEVNULL)

    return add


def _starting(home: Path) -> float:
    """Seconds of a call of `ipfs` that has next to nothing to do."""
    program, env = kubos.repository(home)
    return _seconds(
        lambda: subprocess.run([program, "id"], env=env, check=True, capture_output=True)
    )


def _reads(film: Path, folder: Path) -> bool:
    """A mebibyte anywhere in the file, read before: ours, a Kubo of ours, and Kubo's own `cat`."""
    ours = EmbeddedEngine(folder / "ours", fsync=False)
    with film.open("rb") as src:
        cid = ours.add(src).cid
    with kubos.kubo(folder / "kubo") as daemon, closing(Rpc(daemon.rpc)) as rpc:
        kubo = KuboEngine(rpc)
        with film.open("rb") as src:
            kubo.add(src)
        size = film.stat().st_size

        def cat(offset: int) -> bytes:
            return b"".join(rpc.get("cat", cid, offset=offset, length=MIB, offline=True))

        note("engine read 1 MiB, KuboEngine", f"{_reading(_slices(kubo, cid), size)[0]:.3f} ms")
        note("engine read 1 MiB, Kubo's RPC", f"{_reading(cat, size)[0]:.3f} ms")
    middle, slow = _reading(_slices(ours, cid), size)
    note("engine read 1 MiB, p95", f"{slow:.3f} ms")
    return report("engine read 1 MiB, ms", middle, 2, better="lower")


def _slices(engine: NodeEngine, cid: str) -> Callable[[int], bytes]:
    return lambda offset: b"".join(engine.cat(cid, offset, MIB))


def _reading(read: Callable[[int], bytes], size: int) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds, of the second time round the same places."""
    places = [Random(n).randrange(size - MIB) for n in range(READS)]
    for _ in range(2):
        times = [_seconds(lambda place=place: read(place)) * 1000 for place in places]  # type: ignore[misc]  # bound now
    return median(times), quantiles(times, n=20)[-1]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where to write; the system's temporary folder if unsaid")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

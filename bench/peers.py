"""64 MiB from node to node, verified: a real node over TLS beside Kubo's bitswap and the floor.

Both sides have a process each, and the one that fetches keeps it in its store on disk without
fsync, as Kubo does unless told otherwise. The floor is plain HTTP on loopback and one sha256. All
take turns; figures are medians, the ratio that of one round. "Kept nowhere" fetches the same
blocks as a gateway does for somebody who watches. What both ends of a way worked is told beside
its speed: on a machine with other work it says more than the clock.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from ipaddress import ip_network
from pathlib import Path
from random import Random
from statistics import median
from threading import Thread
from urllib.request import Request, urlopen

from bench.report import note, report
from node_bridge import EmbeddedEngine, MemoryEngine
from node_bridge.network.addresses import Guard
from node_bridge.network.fetching import Fetcher
from node_bridge.network.providers import Listed, Provider
from node_bridge.network_engine import NetworkEngine
from script import kubos
from script.kubos import Kubo
from tests.node.nodes import Running, start_node

SIZE = 64 << 20


@dataclass(frozen=True)
class Film:
    """The bytes, their root CID, all their blocks as an archive and what these weigh."""

    data: bytes
    root: str
    archive: bytes
    weight: int


@dataclass(frozen=True)
class Turn:
    """One way taken once, in seconds: by the clock, and of the processor at both ends."""

    seconds: float
    giving: float
    taking: float


def main() -> int:
    options = _options()
    if options.pull:
        print(*pull(*options.pull))
        return 0
    film = _film(options.rounds)
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch, ExitStack() as stack:
        folder = Path(scratch)
        node = stack.enter_context(_node(folder / "node", film))
        floor = stack.enter_context(_floor(film))
        ways: dict[str, Callable[[], Turn]] = {
            "node": lambda: _pulled(node, film, folder / "own"),
            "node, kept nowhere": lambda: _pulled(node, film, Path("-")),
        }
        if not options.no_kubo:
            ways["bitswap"] = stack.enter_context(_bitswap(folder, film))
        floors, rounds = [], []
        for _ in range(options.rounds):
            floors.append(floor())
            rounds.append({name: way() for name, way in ways.items()})
    return _told(floors, rounds)


def _told(floors: list[float], rounds: list[dict[str, Turn]]) -> int:
    note("peers floor", f"{SIZE / 1e6 / median(floors):.0f} MB/s")
    for name in rounds[0]:
        speed = SIZE / 1e6 / median(each[name].seconds for each in rounds)
        giving = 1e3 * median(each[name].giving for each in rounds)
        taking = 1e3 * median(each[name].taking for each in rounds)
        worked = f"worked {giving:.0f} ms giving, {taking:.0f} ms taking"
        note(f"peers {name}", f"{speed:.0f} MB/s, {worked}")
    paired = zip(floors, rounds, strict=True)
    ratio = median(floor / each["node"].seconds for floor, each in paired)
    note("peers node / floor", f"{ratio:.2f}")
    if "bitswap" not in rounds[0]:
        return 0
    ratio = median(each["bitswap"].seconds / each["node"].seconds for each in rounds)
    return 0 if report("peers node / Kubo bitswap", ratio, 3) else 1


def pull(url: str, certificate: str, root: str, folder: str) -> tuple[float, float]:
    """The other node, in a process of its own: seconds from the first question to the last byte,
    by the clock and of the processor.
    """
    guard = Guard((ip_network("127.0.0.0/8"),))
    fetcher = Fetcher(Listed([Provider(url, url, certificate)]), guard=guard)
    if folder == "-":
        far = NetworkEngine(MemoryEngine(), fetcher)
        begun, worked = time.perf_counter(), time.process_time()
        assert sum(map(len, far.cat(root))) == SIZE
    else:
        far = NetworkEngine(EmbeddedEngine(Path(folder), fsync=False), fetcher)
        begun, worked = time.perf_counter(), time.process_time()
        far.fetch(root, pin="bench")
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    fetcher.close()
    return seconds, worked


def _pulled(node: Running, film: Film, folder: Path) -> Turn:
    words = [node.url, node.certificate, film.root, str(folder)]
    command = [sys.executable, "-m", "bench.peers", "--pull", *words]
    before = _worked(node.process.pid)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    giving = _worked(node.process.pid) - before
    shutil.rmtree(folder, ignore_errors=True)
    seconds, taking = map(float, done.stdout.split())
    return Turn(seconds, giving, taking)


def _worked(process: int) -> float:
    """Seconds of the processor that a process has had so far; by /proc, of Linux alone."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _film(seed: int) -> Film:
    data = Random(seed).randbytes(SIZE)
    engine = MemoryEngine()
    root = engine.add([data]).cid
    return Film(data, root, b"".join(engine.export_car(root)), engine.repo_stat().used)


@contextmanager
def _node(folder: Path, film: Film) -> Iterator[Running]:
    free = {"storage": "0", "delivery": "0"}
    with start_node(folder, free_reads=True, prices=free) as node:
        answer = node.give(film.root, film.weight, film.archive)
        assert answer.status == 200, answer.body
        yield node


@contextmanager
def _bitswap(folder: Path, film: Film) -> Iterator[Callable[[], Turn]]:
    """Two Kubos that know each other. The second forgets everything after each time."""
    with kubos.kubo(folder / "kubo0") as one, kubos.kubo(folder / "kubo1") as other:
        _introduce(one, other)
        _call(one, "dag/import?pin-roots=true", film.archive)

        def fetch() -> Turn:
            gave, took = _worked(one.process.pid), _worked(other.process.pid)
            begun = time.perf_counter()
            _call(other, f"pin/add?arg={film.root}&recursive=true")
            seconds = time.perf_counter() - begun
            gave, took = _worked(one.process.pid) - gave, _worked(other.process.pid) - took
            _call(other, f"pin/rm?arg={film.root}")
            _call(other, "repo/gc")
            return Turn(seconds, gave, took)

        yield fetch


def _introduce(one: Kubo, other: Kubo) -> None:
    said = json.loads(_call(one, "id"))
    address = next(each for each in said["Addresses"] if "/tcp/" in each)
    _call(other, f"swarm/connect?arg={address}")


def _call(kubo: Kubo, what: str, archive: bytes | None = None) -> bytes:
    request = Request(f"{kubo.rpc}/api/v0/{what}", method="POST")
    if archive is not None:
        request.data = (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n" + archive + b"\r\n--x--\r\n"
        )
        request.add_header("Content-Type", "multipart/form-data; boundary=x")
    with urlopen(request, timeout=120) as answer:
        return bytes(answer.read())


@contextmanager
def _floor(film: Film) -> Iterator[Callable[[], float]]:
    """A thread that sends the bytes to whoever connects, and a reader that hashes them."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(4096)
                head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE
                connection.sendall(head + film.data)

    def fetch() -> float:
        begun = time.perf_counter()
        with urlopen(f"http://127.0.0.1:{listener.getsockname()[1]}") as answer:
            buffer = BytesIO(answer.read()).getbuffer()
        assert len(buffer) == SIZE
        sha256(buffer).digest()
        return time.perf_counter() - begun

    serving = Thread(target=serve)
    serving.start()
    try:
        yield fetch
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        serving.join()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where to write; the system's temporary folder if unsaid")
    parser.add_argument("--no-kubo", action="store_true", help="leave Kubo out")
    pull = ("URL", "CERTIFICATE", "ROOT", "FOLDER")
    parser.add_argument("--pull", nargs=4, metavar=pull, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

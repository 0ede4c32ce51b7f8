"""64 MiB from node to node, verified: a real node over TLS beside Kubo's bitswap and the floor.

Both sides have a process each, and the one that fetches keeps it in its store on disk without
fsync, as Kubo does unless told otherwise. The floor is plain HTTP on loopback and one sha256. All
take turns; figures are medians, the ratio that of one round. "Kept nowhere" fetches the same
blocks as a gateway does for somebody who watches.
"""

import argparse
import json
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


def main() -> int:
    options = _options()
    if options.pull:
        print(pull(*options.pull))
        return 0
    film = _film(options.rounds)
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch, ExitStack() as stack:
        folder = Path(scratch)
        node = stack.enter_context(_node(folder / "node", film))
        ways: dict[str, Callable[[], float]] = {
            "floor": stack.enter_context(_floor(film)),
            "node": lambda: _pulled(node, film, folder / "own"),
            "node, kept nowhere": lambda: _pulled(node, film, Path("-")),
        }
        if not options.no_kubo:
            ways["bitswap"] = stack.enter_context(_bitswap(folder, film))
        rounds = [
            {name: SIZE / 1e6 / way() for name, way in ways.items()} for _ in range(options.rounds)
        ]
    return _told(rounds)


def _told(rounds: list[dict[str, float]]) -> int:
    for name in rounds[0]:
        note(f"peers {name}", f"{median(each[name] for each in rounds):.0f} MB/s")
    note("peers node / floor", f"{median(each['node'] / each['floor'] for each in rounds):.2f}")
    if "bitswap" not in rounds[0]:
        return 0
    ratio = median(each["node"] / each["bitswap"] for each in rounds)
    return 0 if report("peers node / Kubo bitswap", ratio, 3) else 1


def pull(url: str, certificate: str, root: str, folder: str) -> float:
    """The other node, in a process of its own: seconds from the first question to the last byte."""
    guard = Guard((ip_network("127.0.0.0/8"),))
    fetcher = Fetcher(Listed([Provider(url, url, certificate)]), guard=guard)
    if folder == "-":
        far = NetworkEngine(MemoryEngine(), fetcher)
        begun = time.perf_counter()
        assert sum(map(len, far.cat(root))) == SIZE
    else:
        far = NetworkEngine(EmbeddedEngine(Path(folder), fsync=False), fetcher)
        begun = time.perf_counter()
        far.fetch(root, pin="bench")
    seconds = time.perf_counter() - begun
    fetcher.close()
    return seconds


def _pulled(node: Running, film: Film, folder: Path) -> float:
    words = [node.url, node.certificate, film.root, str(folder)]
    command = [sys.executable, "-m", "bench.peers", "--pull", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    shutil.rmtree(folder, ignore_errors=True)
    return float(done.stdout)


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
def _bitswap(folder: Path, film: Film) -> Iterator[Callable[[], float]]:
    """Two Kubos that know each other. The second forgets everything after each time."""
    with kubos.kubo(folder / "kubo0") as one, kubos.kubo(folder / "kubo1") as other:
        _introduce(one, other)
        _call(one, "dag/import?pin-roots=true", film.archive)

        def fetch() -> float:
            begun = time.perf_counter()
            _call(other, f"pin/add?arg={film.root}&recursive=true")
            seconds = time.perf_counter() - begun
            _call(other, f"pin/rm?arg={film.root}")
            _call(other, "repo/gc")
            return seconds

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

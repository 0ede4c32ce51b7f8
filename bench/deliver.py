"""Segments of 4 MiB to 50 clients: the gateway on granian beside nginx with sendfile.

Both serve the same bytes to the same client program, in turns; figures are
medians, the ratio that of one round. Then one slow reader of a 600 MB file:
how much memory the gateway's process grows.
"""

import argparse
import math
import os
import re
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median

from bench.report import note, report
from node_bridge import EmbeddedEngine
from tests.gateway.serving import Served, free_port, granian, stop, wait_until_open

MIB = 1 << 20
CLIENTS = 50
SEGMENT = 4 * MIB

NGINX = """
daemon off; worker_processes auto; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


def main() -> int:
    options = _options()
    if options.client:
        port, target = options.client
        print(read_all(int(port), target, options.seconds))
        return 0
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # nginx's workers read as another user
        segment, film = _store(folder)
        environment = {"GATEWAY_FOLDER": str(folder)}
        app = "tests.gateway.serving_app:application"
        with granian(app, environment) as gateway, nginx(folder) as beside:
            places = (gateway.port, f"/ipfs/{segment}"), (beside.port, "/segment")
            rounds = [
                [measured(port, target, options.seconds) for port, target in places]
                for _ in range(options.rounds + 1)
            ][1:]
        with granian(app, environment) as gateway:
            growth = _slow_reader(gateway, f"/ipfs/{film}")
    ours, theirs = (median(rates) for rates in zip(*rounds, strict=True))
    note("deliver gateway", f"{ours:.0f} MB/s")
    note("deliver nginx", f"{theirs:.0f} MB/s")
    fast = report("deliver gateway / nginx", median(a / b for a, b in rounds), 1.0)
    flat = report("deliver slow reader, MB grown", growth, 10, better="lower")
    return 0 if fast and flat else 1


def read_all(port: int, target: str, seconds: float) -> int:
    """The client: 50 connections that read segments in a row; answers bytes read."""
    request = f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    ready, left = selectors.DefaultSelector(), dict[socket.socket, int]()
    for _ in range(CLIENTS):
        connection = socket.create_connection(("127.0.0.1", port))
        ready.register(connection, selectors.EVENT_READ)
        left[connection] = 0
        connection.sendall(request)
    buffer, total, end = bytearray(MIB // 4), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for event, _ in ready.select(1):
            connection = event.fileobj  # type: ignore[assignment]  # only sockets are registered
            size = connection.recv_into(buffer)
            if not size:
                raise ConnectionError("the server closed the connection")
            total += size
            if left[connection]:
                left[connection] -= size
            else:  # an answer begins here: its head, and what came with it
                left[connection] = SEGMENT + _head(buffer, size) - size
            if not left[connection]:
                connection.sendall(request)
    return total


def _head(buffer: bytearray, size: int) -> int:
    """Length of an answer's head, which comes in one piece."""
    if not buffer.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(bytes(buffer[: min(size, 200)]).decode(errors="replace"))
    return buffer.index(b"\r\n\r\n", 0, size) + 4


def measured(port: int, target: str, seconds: float) -> float:
    """MB/s of a client in a process of its own: wrk where it is installed, else ours."""
    wrk = shutil.which("wrk")
    command = [sys.executable, "-m", "bench.deliver", "--seconds", str(seconds)]
    command += ["--client", str(port), target]
    if wrk:
        url = f"http://127.0.0.1:{port}{target}"
        command = [wrk, "-t1", f"-c{CLIENTS}", f"-d{math.ceil(seconds)}s", url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return _rate(done.stdout) if wrk else int(done.stdout) / seconds / 1e6


def _rate(said: str) -> float:
    """MB/s out of wrk's report, which counts in powers of 1024."""
    found = re.search(r"Transfer/sec:\s+([\d.]+)([KMG])B", said)
    if found is None or "Non-2xx" in said:
        raise ConnectionError(said)
    return float(found[1]) * {"K": 1 << 10, "M": MIB, "G": 1 << 30}[found[2]] / 1e6


def _store(folder: Path) -> tuple[str, str]:
    """CIDs of a segment (also the file `segment`) and of 600 MB, both open to all."""
    engine = EmbeddedEngine(folder / "blocks", fsync=False)
    data = Random(1).randbytes(SEGMENT)
    (folder / "segment").write_bytes(data)
    segment = engine.add([data]).cid
    film = engine.add(number.to_bytes(4, "big") + data[:MIB] for number in range(572)).cid
    (folder / "open").write_text(f"{segment} {film}")
    return segment, film


@contextmanager
def nginx(folder: Path) -> Iterator[Served]:
    """nginx, with the files of a folder."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise SystemExit("nginx is missing: apt-get install nginx")
    port, config = free_port(), folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port))
    served = Served(
        port, subprocess.Popen([program, "-c", config, "-e", folder / "error.log", "-p", folder])
    )
    try:
        wait_until_open(served)
        yield served
    finally:
        stop(served.process)


def _slow_reader(gateway: Served, target: str) -> float:
    """MB by which the worker grew while a client took 64 KiB ten times a second."""
    before = most = gateway.resident()
    with gateway.connect() as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        for _ in range(50):
            connection.recv(65_536)
            time.sleep(0.1)
            most = max(most, gateway.resident())
    return (most - before) / 1e6


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where to write; the system's temporary folder if unsaid")
    parser.add_argument("--client", nargs=2, metavar=("PORT", "TARGET"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

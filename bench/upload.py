"""2 GB by tus to the gateway on granian, beside a raw socket that writes to the same disk.

Both take the same bytes from the same sender and sync the file before they
say that they have it. Rounds are interleaved; figures are medians, the ratio
that of one round. Memory is what the gateway's process grew at most.
"""

import argparse
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from bench.report import note, report
from node_bridge import Grant, Keyring
from tests.gateway.serving import Served, granian
from tests.gateway.serving_app import SECRET

MIB = 1 << 20
PIECE = Random(1).randbytes(MIB)


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        folder = Path(scratch)
        environment = {"GATEWAY_FOLDER": str(folder)}
        with granian("tests.gateway.serving_app:application", environment) as gateway:
            growth = Growth(gateway)
            rounds = [
                (
                    _timed(partial(_raw, folder / "raw", options.megabytes)),
                    _timed(partial(_tus, gateway, folder, f"film{n}", options.megabytes)),
                )
                for n in range(options.rounds)
            ]
            grown = growth.stop()
    raw, tus = (median(times) for times in zip(*rounds, strict=True))
    note("upload raw socket", f"{options.megabytes * MIB / raw / 1e6:.0f} MB/s")
    note("upload tus", f"{options.megabytes * MIB / tus / 1e6:.0f} MB/s")
    fast = report("upload tus / raw socket", median(r / t for r, t in rounds), 0.5)
    flat = report("upload memory, MB grown", grown, 50, better="lower")
    return 0 if fast and flat else 1


class Growth:
    """Watches the gateway's memory from a thread."""

    def __init__(self, gateway: Served) -> None:
        self._gateway = gateway
        self._before = self._most = gateway.resident()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> float:
        """MB that it grew at most."""
        self._ended.set()
        self._thread.join()
        return (self._most - self._before) / 1e6

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            self._most = max(self._most, self._gateway.resident())


def _tus(gateway: Served, folder: Path, name: str, megabytes: int) -> None:
    """One PATCH with all bytes, answered when they are synced."""
    size = megabytes * MIB
    token = Keyring([SECRET]).sign(Grant("upload", name, int(time.time()) + 600, size, name))
    common = "Host: x\r\nTus-Resumable: 1.0.0\r\n"
    with gateway.connect() as connection:
        connection.settimeout(300)
        create = f"POST /g/{token}/uploads HTTP/1.1\r\n{common}Upload-Length: {size}\r\n\r\n"
        connection.sendall(create.encode())
        _expect(connection, b"HTTP/1.1 201")
        head = (
            f"PATCH /g/{token}/uploads/{name} HTTP/1.1\r\n{common}Upload-Offset: 0\r\n"
            f"Content-Type: application/offset+octet-stream\r\nContent-Length: {size}\r\n\r\n"
        )
        connection.sendall(head.encode())
        for _ in range(megabytes):
            connection.sendall(PIECE)
        _expect(connection, b"HTTP/1.1 204")
    source = folder / "uploads" / name / "source"
    assert source.stat().st_size == size
    source.unlink()


def _raw(path: Path, megabytes: int) -> None:
    """A server that does nothing but write what it gets, in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        child = os.fork()
        if not child:
            _write_all(listener, path)
            os._exit(0)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for _ in range(megabytes):
            connection.sendall(PIECE)
        connection.shutdown(socket.SHUT_WR)
        _expect(connection, b"done")
    os.waitpid(child, 0)
    assert path.stat().st_size == megabytes * MIB
    path.unlink()


def _write_all(listener: socket.socket, path: Path) -> None:
    buffer = memoryview(bytearray(MIB))
    connection, _ = listener.accept()
    with connection, path.open("wb", buffering=0) as out:
        while size := connection.recv_into(buffer, 0, socket.MSG_WAITALL):
            out.write(buffer[:size])
        os.fsync(out.fileno())
        connection.sendall(b"done")


def _expect(connection: socket.socket, start: bytes) -> None:
    answer = connection.recv(65_536)
    if not answer.startswith(start):
        raise ConnectionError(answer[:200].decode(errors="replace"))


def _timed(work: Callable[[], None]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", help="where to write; the system's temporary folder if unsaid")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

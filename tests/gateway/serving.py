"""Starts a real granian with a gateway in it, and stops it again by its pid."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# One worker: the hot cache is per process. Kill a worker that a slow reader keeps from stopping.
OPTIONS = (
    "--interface", "asgi", "--http", "1", "--no-ws", "--workers", "1",
    "--workers-kill-timeout", "5", "--log-level", "warning",
)  # fmt: skip
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass
class Served:
    """A running server. `url` has no slash at its end."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def resident(self) -> int:
        """Bytes of memory that the worker holds (RSS)."""
        status = Path(f"/proc/{self.worker()}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    def worker(self) -> int:
        """The pid of the process that serves."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return max(map(int, children))


@contextmanager
def granian(
    app: str, environment: Mapping[str, str], *, options: tuple[str, ...] = OPTIONS, port: int = 0
) -> Iterator[Served]:
    """Serve the factory `app` ("module:function") on a free port of loopback."""
    port = port or free_port()
    command = [sys.executable, "-m", "granian", *options, "--factory"]
    command += ["--host", "127.0.0.1", "--port", str(port), app]
    process = subprocess.Popen(command, cwd=REPOSITORY, env={**os.environ, **environment})
    served = Served(port, process)
    try:
        wait_until_open(served)
        yield served
    finally:
        stop(process)


def wait_until_open(served: Served, *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            served.connect().close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline or served.process.poll() is not None:
                raise
            time.sleep(0.05)
        else:
            return


def stop(process: "subprocess.Popen[bytes]", *, seconds: float = 15) -> None:
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

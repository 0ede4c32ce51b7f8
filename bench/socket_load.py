"""The real gateway in a process of its own, and wrk, which sends it what was prepared."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.db import connection

CONNECTIONS = 64
MOST = 7000  # answers a second that are prepared for
THREADS = 2
# Each thread sends its share of the lines, one after the other, over its connections.
SCRIPT = """
local started = 0
function setup(thread)
  thread:set("first", started)
  started = started + 1
end
function init(args)
  lines, next_line = {}, 1
  local number = 0
  for line in io.lines(args[1]) do
    if number % tonumber(args[2]) == first then lines[#lines + 1] = line end
    number = number + 1
  end
end
function request()
  local line = lines[next_line]
  -- wrk asks once to see what comes, and does not send that one.
  if asked then next_line = next_line + 1 end
  asked = true
  return wrk.format("GET", nil, {["PAYMENT-SIGNATURE"] = line})
end
"""


@dataclass(frozen=True)
class Load:
    """Answers a second, and how long the slowest hundredth took, in milliseconds."""

    rate: float
    p99: float


def run(url: str, headers: Sequence[str], folder: Path, *, seconds: int) -> Load:
    """Send a request for each header, for so long. Raises RuntimeError when one is refused."""
    (folder / "load.lua").write_text(SCRIPT)
    (folder / "headers.txt").write_text("\n".join(headers))
    words = ["wrk", "--latency", "-t", str(THREADS), "-c", str(CONNECTIONS), "-d", f"{seconds}s"]
    script = ["-s", str(folder / "load.lua"), url, "--", str(folder / "headers.txt"), str(THREADS)]
    said = subprocess.run([*words, *script], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    return Load(float(_found(r"Requests/sec:\s+([\d.]+)", said)[0]), _milliseconds(said))


@contextmanager
def gateway(folder: Path) -> Iterator[str]:
    """granian, one process, on a free port; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    granian = str(Path(sys.executable).parent / "granian")
    words = [granian, "--interface", "asgi", "--http", "1", "--no-ws", "--workers", "1"]
    words += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    environment = {**os.environ, "DATABASE_URL": _database_url(), "GATEWAY_URL": url}
    process = subprocess.Popen([*words, "wetube.asgi:gateway"], env=environment)
    try:
        _wait_for(f"{url}/health")
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _database_url() -> str:
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    host, port = quote(place["HOST"] or "", safe=""), place["PORT"] or ""
    return f"postgres://{place['USER']}:{place['PASSWORD']}@{host}:{port}/{place['NAME']}"


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _milliseconds(said: str) -> float:
    number, unit = _found(r"99%\s+([\d.]+)(us|ms|s)", said)
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def _found(pattern: str, said: str) -> tuple[str, ...]:
    match = re.search(pattern, said)
    if match is None:
        raise RuntimeError(said)
    return match.groups()

"""The processes WeTube consists of, and the words that start each."""

import sys
from pathlib import Path

from wetube.core.supervision import broker
from wetube.core.supervision.tree import Part

BIN = Path(sys.executable).parent
# Celery says so each time it runs as root, as in a container; script/doctor says it once.
CELERY = [sys.executable, "-W", "ignore:You're running the worker", "-m", "celery"]


def embedded_broker(folder: Path) -> Part:
    # the first is advice for large stores; the others are no news when we asked for them
    known = "Memory overcommit must be enabled|signal-handler|ready to exit"
    return Part("broker", broker.command(folder), patience=5, stop_order=4, mute=known)


def site(host: str, port: int) -> Part:
    """Pages and WebSockets."""
    words = [str(BIN / "daphne"), "--bind", host, "--port", str(port), "--verbosity", "0"]
    return Part("site", [*words, "--no-server-name", "wetube.asgi:site"], stop_order=2)


def gateway(host: str, port: int) -> Part:
    """Bytes in and out."""
    words = [
        str(BIN / "granian"),
        "--interface",
        "asgi",
        "--http",
        "1",
        "--host",
        host,
        "--port",
        str(port),
    ]
    quiet = ["--log-level", "warning", "--no-access-log", "--no-ws"]
    limits = ["--workers", "1", "--workers-kill-timeout", "5", "--respawn-failed-workers"]
    return Part("gateway", [*words, *quiet, *limits, "wetube.asgi:gateway"], stop_order=2)


def worker(name: str, *, queue: str, threads: int) -> Part:
    """A Celery worker; its heavy work is done by ffmpeg, so threads are enough."""
    words = [*CELERY, "--app", "wetube", "--quiet", "worker", "--pool", "threads"]
    which = ["--concurrency", str(threads), "--queues", queue, "--hostname", f"{name}@%h"]
    quiet = ["--loglevel", "warning", "--without-gossip", "--without-mingle"]
    return Part(name, [*words, *which, *quiet], patience=10, stop_order=3)


def beat(folder: Path) -> Part:
    """Asks for what is done by the clock."""
    words = [*CELERY, "--app", "wetube", "--quiet", "beat", "--loglevel", "warning"]
    return Part("beat", [*words, "--schedule", str(folder / "beat"), "--pidfile", ""], stop_order=0)


def chain(folder: Path, port: int, *, chain_id: int) -> Part:
    """The embedded chain; ends after all who write to it. An id of 0 is the chain's own."""
    words = [sys.executable, "-m", "wetube.cloudchain", "--data", str(folder), "--port", str(port)]
    which = ["--chain-id", str(chain_id)] if chain_id else []
    return Part("chain", [*words, *which], stop_order=4)


def coin() -> Part:
    """Brings the coin's contracts onto the chain, once; says why where it cannot."""
    return Part("coin", [sys.executable, "manage.py", "cloudcoin", "init"], stop_order=0, once=True)


def demo(film: Path | None) -> Part:
    """Fills an empty site with a film, its creator and a funded viewer; ends by itself."""
    words = [sys.executable, "manage.py", "demo", *([str(film)] if film else [])]
    return Part("demo", words, stop_order=0, once=True)

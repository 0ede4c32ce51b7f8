"""Home, watch, search and channel pages for 50 clients on a site of 10 000 films.

The real site (daphne, SQLite, Valkey) in processes of their own; the clients are a third. The
floor is `/alive/`, the smallest page of ours, in turns with the others: the ratio is that of the
95th percentiles of one round, its median over the rounds. How many queries a page needs is
counted with 100 films and again with all of them: it must be the same.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

SCRATCH = tempfile.TemporaryDirectory(prefix="pages-")
FOLDER = Path(SCRATCH.name)
os.environ |= {
    "DATABASE_URL": f"sqlite:///{FOLDER / 'wetube.sqlite3'}",
    "DJANGO_SETTINGS_MODULE": "wetube.settings",
    "WETUBE_DATA": SCRATCH.name,
}

import django  # noqa: E402 - the settings above are read at once

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench import seeding  # noqa: E402
from bench.report import note, report  # noqa: E402
from script.shell import ROOT  # noqa: E402
from tests.gateway.serving import Served, free_port, stop, wait_until_open  # noqa: E402
from wetube.core.supervision import broker, parts  # noqa: E402
from wetube.video.models import Video  # noqa: E402

CLIENTS = 50
FEW = 100
MOST_REQUESTS = 20_000  # by one page in one round
ALIVE = "alive"
GOALS = {"home": 6.0, "watch": 6.0}


def main() -> int:
    options = _options()
    if options.client:
        port, *targets = options.client
        print(json.dumps(asyncio.run(load(int(port), targets, options.seconds))))
        return 0
    call_command("migrate", verbosity=0)
    seeding.seed(FEW)
    few = {name: _queries(targets[0]) for name, targets in _pages().items()}
    seeding.seed(options.videos - FEW)
    many = {name: _queries(targets[0]) for name, targets in _pages().items()}
    pages = _pages()
    connection.close()
    with _site() as site:
        _measured(site, list(pages), pages, seconds=1)
        rounds = [
            _measured(site, list(pages), pages, seconds=options.seconds)
            for _ in range(options.rounds)
        ]
    SCRATCH.cleanup()
    return 0 if all([*_judged(rounds), *_constant(few, many)]) else 1


async def load(port: int, targets: Sequence[str], seconds: float) -> list[float]:
    """The client: 50 connections that ask for the targets in turn; seconds each answer took."""
    end = time.perf_counter() + seconds
    taken: list[float] = []

    async def ask(first: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(first, first + MOST_REQUESTS // CLIENTS):
            begun = time.perf_counter()
            if begun > end:
                break
            target = targets[number % len(targets)]
            writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            await _answered(reader)
            taken.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(ask(number) for number in range(CLIENTS)))
    return taken


async def _answered(reader: asyncio.StreamReader) -> None:
    """Read one whole answer, which must be good."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    if not head.startswith("HTTP/1.1 200"):
        raise ConnectionError(head)
    length = next(line for line in head.splitlines() if line.lower().startswith("content-length"))
    await reader.readexactly(int(length.partition(":")[2]))


def _pages() -> dict[str, list[str]]:
    """Some addresses of each kind of page, so that not one row is asked for all the time."""
    films = list(Video.objects.order_by("pk").select_related("channel")[:: FEW // 10][:40])
    return {
        ALIVE: ["/alive/"],
        "home": ["/", "/?page=2", "/?sort=views"],
        "watch": [film.get_absolute_url() for film in films],
        "search": [f"/search/?q={word}+{seeding.WORDS[0]}" for word in seeding.WORDS[1:]],
        "channel": sorted({film.channel.get_absolute_url() for film in films}),
    }


def _queries(target: str) -> int:
    """How often a visitor's page asks the database."""
    visitor = Client(SERVER_NAME="localhost")
    visitor.get(target)
    with CaptureQueriesContext(connection) as captured:
        if visitor.get(target).status_code != 200:
            raise SystemExit(f"{target} does not answer")
    return len(captured)


@contextmanager
def _site() -> Iterator[Served]:
    """Valkey and daphne, started by the words `manage.py up` starts them with."""
    port = free_port()
    environment = {**os.environ, "REDIS_URL": f"unix://{broker.socket_path(FOLDER)}"}
    commands = [parts.embedded_broker(FOLDER).command, parts.site("127.0.0.1", port).command]
    running = [
        subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        for words in commands
    ]
    try:
        served = Served(port, running[-1])
        wait_until_open(served)
        yield served
    finally:
        for process in reversed(running):
            stop(process)


def _measured(
    site: Served, names: Sequence[str], pages: dict[str, list[str]], *, seconds: float
) -> dict[str, list[float]]:
    """One round: each page's answer times, by clients in a process of their own."""
    return {name: _taken(site.port, pages[name], seconds) for name in names}


def _taken(port: int, targets: Sequence[str], seconds: float) -> list[float]:
    command = [sys.executable, "-m", "bench.pages", "--seconds", str(seconds)]
    command += ["--client", str(port), *targets]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return [float(each) for each in json.loads(done.stdout)]


def _judged(rounds: Sequence[dict[str, list[float]]]) -> Iterator[bool]:
    for name in rounds[0]:
        slow = median(_slow(each[name]) for each in rounds)
        middle = median(median(each[name]) for each in rounds)
        rate = median(len(each[name]) / max(sum(each[name]) / CLIENTS, 1e-9) for each in rounds)
        note(f"pages {name}", f"p50 {middle * 1e3:.0f} ms, p95 {slow * 1e3:.0f} ms, {rate:.0f}/s")
        ratio = median(_slow(each[name]) / _slow(each[ALIVE]) for each in rounds)
        if name in GOALS:
            yield report(f"pages {name} p95 / alive p95", ratio, GOALS[name], "lower")
        elif name != ALIVE:
            note(f"pages {name} p95 / alive p95", f"{ratio:.1f}")


def _slow(taken: Sequence[float]) -> float:
    """The 95th percentile, in seconds."""
    return quantiles(taken, n=20)[-1]


def _constant(few: dict[str, int], many: dict[str, int]) -> Iterator[bool]:
    said = ", ".join(f"{name} {count}" for name, count in many.items())
    note("pages queries", said)
    more = sum(abs(many[name] - few[name]) for name in few)
    yield report(f"pages queries, more than at {FEW}", more, 0, "lower")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--client", nargs="+", metavar="PORT TARGET", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

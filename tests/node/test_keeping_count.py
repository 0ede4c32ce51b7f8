"""The book loses nothing it has acknowledged; the throttle lets through no more than its rate."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Thread

import pytest

from gateway.node import notes
from gateway.node.book import Book
from gateway.node.housekeeping import Housekeeping
from gateway.node.throttle import LEAST_BURST, Throttle
from node_bridge import EngineDown, OverQuota
from tests.gateway.serving import REPOSITORY
from tests.node import graphs
from tests.node.calling import Caller

WRITER = """
import sys
from pathlib import Path
from gateway.node import notes
from gateway.node.book import Book
book = Book(Path(sys.argv[1]), [notes.SCHEMA])
for number in range(1_000_000):
    notes.write(book, "last", str(number))
    print(number, flush=True)
"""


def book_at(path: Path) -> Book:
    return Book(path / "book.sqlite3", [notes.SCHEMA])


def test_what_a_killed_process_had_acknowledged_is_there(tmp_path: Path) -> None:
    path = tmp_path / "book.sqlite3"
    words = [sys.executable, "-c", WRITER, str(path)]
    writer = subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    for _ in range(20):
        writer.stdout.readline()
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged = [int(line) for line in writer.stdout.read().splitlines() if line] or [19]
    writer.wait()
    writer.stdout.close()
    book = Book(path, [notes.SCHEMA])
    assert int(notes.read(book, "last")) >= acknowledged[-1]
    book.close()


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    book = book_at(tmp_path)
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(book)
    assert notes.read(book, "a") == ""
    notes.write(book, "a", "c")
    assert notes.read(book, "a") == "c"
    book.close()


def _write_and_fail(book: Book) -> None:
    with book.write() as db:
        db.execute("INSERT INTO note VALUES ('a', 'b')")
        raise ZeroDivisionError


def test_a_full_disk_is_named_and_the_book_stays_sound(tmp_path: Path) -> None:
    book = book_at(tmp_path)
    notes.write(book, "before", "x")
    with book.read() as db:
        db.execute("PRAGMA max_page_count = 12")
    with pytest.raises(OverQuota):
        notes.write(book, "big", "y" * 200_000)
    assert (notes.read(book, "before"), notes.read(book, "big")) == ("x", "")
    book.close()


def test_a_file_that_is_no_book_is_named(tmp_path: Path) -> None:
    (tmp_path / "book.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(EngineDown):
        book_at(tmp_path)


def test_many_threads_write_at_once(tmp_path: Path) -> None:
    book = book_at(tmp_path)

    def count() -> None:
        for _ in range(20):
            notes.count(book, {"n": 1})

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    day = time.strftime("%Y-%m-%d", time.gmtime())
    assert notes.counted(book, day) == {"n": 80}
    book.close()


def test_counters_that_could_not_be_written_are_kept(node: Caller) -> None:
    counts = Counter(served=5)
    chore = Housekeeping(node.parts.leasing, counts)
    node.parts.book.close()
    path = node.parts.config.folder / "book.sqlite3"
    kept = path.read_bytes()
    path.write_bytes(b"spoiled" * 5000)
    chore.write_counts()
    assert counts["served"] == 5
    node.parts.book.close()
    path.write_bytes(kept)
    chore.write_counts()
    assert counts["served"] == 0


def test_a_sweep_waits_for_what_is_on_its_way(node: Caller) -> None:
    film = graphs.film(1000)
    node.take(film)
    node.parts.leasing.store.take(list(film.blocks))
    node.parts.leasing.store._blocks._grace = -1.0  # type: ignore[attr-defined]
    chore = Housekeeping(node.parts.leasing, Counter())
    assert (chore.sweep(), node.stored) == (0, len(film.blocks))
    node.parts.leasing.end("1")
    assert (chore.sweep(), node.stored) == (film.size, 0)


def test_the_rate_is_shared_by_all_who_send() -> None:
    rate = 1_000_000

    async def all_of_them() -> float:
        throttle = Throttle(rate)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(_send(throttle, 60_000))
        return time.monotonic() - began

    took = asyncio.run(all_of_them())
    burst = max(rate * 0.25, LEAST_BURST)
    assert took >= (600_000 - burst) / rate * 0.95
    assert took < 3.0


def test_an_idle_throttle_saves_up_no_more_than_a_burst() -> None:
    throttle = Throttle(1_000_000)
    throttle._ready = -1e9
    assert throttle.booked(250_000) <= 0
    assert throttle.booked(1_000_000) == pytest.approx(1.0, abs=0.1)


def test_without_a_bound_nobody_waits() -> None:
    assert Throttle(0).booked(1 << 40) == 0.0


async def _send(throttle: Throttle, size: int) -> None:
    for _ in range(size // 20_000):
        await throttle.passing(20_000)

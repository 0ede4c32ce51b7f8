"""Finding logs costs as much on a long chain as on a short one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.cloudchain.small_chain import SmallChain
from wetube.cloudchain import reader as reading
from wetube.cloudchain.headers import genesis
from wetube.cloudchain.reader import Reader, Search, TooMuch
from wetube.cloudchain.store import Mined

RARE, COMMON = b"\1" * 20, b"\2" * 20
EVENT, OTHER = b"\3" * 32, b"\4" * 32
BEGINNING = 300


class CountingReader(Reader):
    """Counts SQLite's steps, by the hundred."""

    steps = 0

    @contextmanager
    def _patiently(self) -> Iterator[None]:
        def count() -> int:
            self.steps += 1
            return 0

        self._connection.set_progress_handler(count, 100)
        yield
        self._connection.set_progress_handler(None, 0)


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def fill(small: SmallChain, first: int, last: int) -> None:
    """A block with one log each; those of RARE, and of its person 7, are at the beginning."""
    header = genesis(state_root=bytes(32), coinbase=bytes(20), now=0)
    with small.store.writing():
        for number in range(first, last):
            rare = number < BEGINNING and number % 100 == 50
            topics = (EVENT, word(7 if rare else 8), word(number), OTHER if rare else EVENT)
            logs = ((RARE if rare else COMMON, topics, b""),)
            mined = Mined(word(number), b"", b"", succeeded=True, created=None, logs=logs)
            here = replace(header, number=number, parent=word(number))
            small.store.put_block(here, mined)


SEARCHES = {
    "a contract": Search(0, 10**6, [RARE]),
    "a contract's event": Search(0, 10**6, [RARE], [[EVENT]]),
    "whom it concerns": Search(0, 10**6, [], [[EVENT], [word(7)]]),
    "whom it concerns at a busy contract": Search(0, 10**6, [RARE, COMMON], [[EVENT], [word(7)]]),
    "whom else it concerns": Search(0, 10**6, [], [[], [], [word(50), word(150)]]),
    "the last topic": Search(0, 10**6, [], [[], [], [], [OTHER]]),
    "some blocks": Search(100, 160),
    "the newest block": Search(BEGINNING - 1, BEGINNING - 1, [], [[EVENT]]),
}


def test_a_long_chain_costs_no_more(small: SmallChain) -> None:
    fill(small, 1, BEGINNING)
    reader = CountingReader(small.folder)

    def costs() -> dict[str, tuple[int, int]]:
        found = {}
        for name, search in SEARCHES.items():
            reader.steps = 0
            found[name] = (len(reader.logs(search)), reader.steps)
        return found

    before = costs()
    fill(small, BEGINNING, 5 * BEGINNING)
    after = costs()
    reader.close()

    assert {name: count for name, (count, _) in before.items()} == {
        "a contract": 3,
        "a contract's event": 3,
        "whom it concerns": 3,
        "whom it concerns at a busy contract": 3,
        "whom else it concerns": 2,
        "the last topic": 3,
        "some blocks": 61,
        "the newest block": 1,
    }
    for name, (count, steps) in after.items():
        assert count == before[name][0], name
        assert steps <= before[name][1] + 5, name


def test_too_many_are_refused_with_what_to_do(
    small: SmallChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_LOGS", 20)
    fill(small, 1, 50)
    assert len(small.reader.logs(Search(1, 20))) == 20
    with pytest.raises(TooMuch, match="ask for fewer blocks"):
        small.reader.logs(Search(1, 21))


def test_a_search_without_end_is_stopped(
    small: SmallChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PATIENCE", -1.0)
    fill(small, 1, 1_000)
    with pytest.raises(TooMuch, match="ask for fewer blocks"):
        small.reader.logs(Search(0, 10**6))
    assert small.reader.head().number == 999

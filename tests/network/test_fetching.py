"""Fetching a block from several nodes: who is asked, who is asked beside it, who gives up."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from ssl import SSLSocket
from threading import Event

import pytest

from node_bridge import MemoryEngine, NotFound, cid
from node_bridge.network import asking
from node_bridge.network.connections import Call, Connections
from node_bridge.network.failures import Cancelled, NobodyHas, NotHeld
from tests.network.conftest import Fetching, Started
from tests.network.peers import (
    LOOPBACK,
    Asked,
    always,
    broken_off,
    honest,
    silent,
    status,
    wait_for,
    whole,
)

BLOCK = b"what was asked for" * 100
KEY = cid.of(BLOCK)
ROOT = str(cid.of(b"the root"))


@pytest.fixture
def engine() -> MemoryEngine:
    engine = MemoryEngine()
    engine.put_block(BLOCK)
    return engine


def test_a_block_is_asked_for_once_however_many_wait(
    peer: Started, fetching: Fetching, engine: MemoryEngine
) -> None:
    node = peer(honest(engine, delay=0.1))
    fetcher = fetching([node.provider()])
    with ThreadPoolExecutor(8) as pool:
        came = list(pool.map(lambda _: fetcher.block(KEY, ROOT), range(8)))
    assert came == [BLOCK] * 8
    assert fetcher.block(KEY, ROOT) == BLOCK
    assert [asked.target for asked in node.asked] == [f"/ipfs/{KEY}?format=raw"]


def test_what_is_asked_is_plain_and_trustless(
    peer: Started, fetching: Fetching, engine: MemoryEngine
) -> None:
    node = peer(honest(engine))
    fetching([node.provider()]).block(KEY, ROOT)
    (asked,) = node.asked
    assert asked.method == "GET"
    assert asked.headers["accept"] == "application/vnd.ipld.raw"
    assert asked.headers["accept-encoding"] == "identity"
    assert "authorization" not in asked.headers


def test_a_line_is_used_again(peer: Started, fetching: Fetching, engine: MemoryEngine) -> None:
    keys = [cid.parse(engine.put_block(bytes([number]) * 1000)) for number in range(20)]
    node = peer(honest(engine))
    fetcher = fetching([node.provider()])
    for key in keys:
        assert fetcher.block(key, ROOT) == engine.get_block(str(key))
    with pytest.raises(NotFound):
        fetcher.block(cid.of(b"nobody has this"), ROOT)
    fetcher.block(KEY, ROOT)
    assert node.lines == 1


def test_a_line_that_died_while_it_was_spare_is_no_failure(
    peer: Started, fetching: Fetching, engine: MemoryEngine
) -> None:
    good = honest(engine)

    def answer(asked: Asked, line: SSLSocket) -> bytes | None:
        line.sendall(good(asked, line) or b"")
        return None  # and hangs up, as a server does that is told to stop

    first = cid.parse(engine.put_block(b"another block"))
    node = peer(answer)
    fetcher = fetching([node.provider()])
    assert fetcher.block(first, ROOT) == b"another block"
    assert fetcher.block(KEY, ROOT) == BLOCK
    assert fetcher.scores.seen()[node.url].failures == 0


def test_lines_that_nobody_used_for_long_are_closed(
    peer: Started, engine: MemoryEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    once, often = peer(honest(engine)), peer(honest(engine))
    with closing(Connections(LOOPBACK)) as connections:
        asking.block(connections, once.provider(), KEY, Call(5), "")
        assert once.has_visitors
        monkeypatch.setattr("node_bridge.network.connections.IDLE", 0.05)
        time.sleep(0.06)
        asking.block(connections, often.provider(), KEY, Call(5), "")
        wait_for(lambda: not once.has_visitors)


def test_where_a_node_fails_the_next_is_asked_at_once(
    peer: Started, fetching: Fetching, engine: MemoryEngine
) -> None:
    nodes = [peer(always(status(500))), peer(always(None)), peer(honest(engine))]
    fetcher = fetching([node.provider() for node in nodes])
    began = time.monotonic()
    assert fetcher.block(KEY, ROOT) == BLOCK
    assert time.monotonic() - began < 0.4  # no patience was waited for


def test_a_silent_node_is_overtaken_and_let_go(
    peer: Started, fetching: Fetching, engine: MemoryEngine, ended: Event
) -> None:
    mute, good = peer(silent(ended)), peer(honest(engine))
    fetcher = fetching([mute.provider(), good.provider()], seconds=20.0)
    began = time.monotonic()
    assert fetcher.block(KEY, ROOT) == BLOCK
    assert time.monotonic() - began < 2
    wait_for(lambda: fetcher.scores.seen()[mute.url].under_way == 0)
    assert fetcher.scores.seen()[mute.url].failures == 0
    assert fetcher.scores.seen()[mute.url].samples


def test_who_was_slow_is_not_the_first_to_be_asked_again(
    peer: Started, fetching: Fetching, engine: MemoryEngine
) -> None:
    keys = [cid.parse(engine.put_block(bytes([number]) * 1000)) for number in range(10)]
    slow, good = peer(honest(engine, delay=1.0)), peer(honest(engine))
    fetcher = fetching([slow.provider(), good.provider()])
    for key in keys:
        fetcher.block(key, ROOT)
    assert len(good.asked) == 10
    assert len(slow.asked) == 1


def test_a_dead_node_costs_no_time_after_the_first(
    peer: Started, fetching: Fetching, engine: MemoryEngine
) -> None:
    keys = [cid.parse(engine.put_block(bytes([number]) * 1000)) for number in range(10)]
    dead, good = peer(always(None)), peer(honest(engine))
    dead.close()
    fetcher = fetching([dead.provider(), good.provider()])
    for key in keys:
        fetcher.block(key, ROOT)
    assert len(good.asked) == 10


def test_a_lying_node_is_overruled(peer: Started, fetching: Fetching, engine: MemoryEngine) -> None:
    liar, good = peer(always(whole(b"lies"))), peer(honest(engine))
    fetcher = fetching([liar.provider(), good.provider()])
    keys = [cid.parse(engine.put_block(bytes([number]) * 1000)) for number in range(5)]
    for key in keys:
        assert fetcher.block(key, ROOT) == engine.get_block(str(key))
    assert len(liar.asked) == 1
    assert fetcher.scores.is_banned(liar.provider(), ROOT)


def test_what_may_pass_is_tried_a_second_time(
    peer: Started, fetching: Fetching, engine: MemoryEngine
) -> None:
    good = honest(engine)
    answers = iter([broken_off(whole(BLOCK)[:-1]), good])
    node = peer(lambda asked, line: next(answers)(asked, line))  # noqa: PLW0108 (one after another)
    assert fetching([node.provider()]).block(KEY, ROOT) == BLOCK


def test_that_nobody_has_it_is_not_found(peer: Started, fetching: Fetching) -> None:
    nodes = [peer(honest(MemoryEngine())) for _ in range(3)]
    fetcher = fetching([node.provider() for node in nodes])
    with pytest.raises(NotFound):
        fetcher.block(KEY, ROOT)
    assert [len(node.asked) for node in nodes] == [1, 1, 1]
    with pytest.raises(NotFound):
        fetching([]).block(KEY, ROOT)


def test_the_reasons_are_told(peer: Started, fetching: Fetching) -> None:
    nodes = [peer(honest(MemoryEngine())), peer(always(status(500)))]
    with pytest.raises(NobodyHas, match="500") as caught:
        fetching([node.provider() for node in nodes]).block(KEY, ROOT)
    assert type(caught.value.why[nodes[0].url]) is NotHeld


def test_what_nobody_wants_any_more_is_given_up(
    peer: Started, fetching: Fetching, ended: Event
) -> None:
    node = peer(silent(ended))
    fetcher = fetching([node.provider()], seconds=20.0)
    flight = fetcher.soon(KEY, ROOT)
    wait_for(lambda: bool(node.asked))
    fetcher.leave(flight)
    with pytest.raises(Cancelled):
        flight.coming.result(2)
    wait_for(lambda: fetcher.scores.seen()[node.url].under_way == 0)


def test_one_who_leaves_does_not_take_it_from_another(
    peer: Started, fetching: Fetching, engine: MemoryEngine
) -> None:
    node = peer(honest(engine, delay=0.2))
    fetcher = fetching([node.provider()])
    first, second = fetcher.soon(KEY, ROOT), fetcher.soon(KEY, ROOT)
    fetcher.leave(first)
    assert second.coming.result(5) == BLOCK


def test_who_needs_a_block_does_not_wait_behind_those_fetched_ahead(
    peer: Started, fetching: Fetching, engine: MemoryEngine, ended: Event
) -> None:
    good, mute = honest(engine), silent(ended)
    node = peer(lambda asked, line: (good if asked.cid == str(KEY) else mute)(asked, line))
    fetcher = fetching([node.provider()], seconds=20.0)
    for number in range(40):  # more than there are threads for it
        fetcher.soon(cid.of(bytes([number])), ROOT)
    fetcher.soon(KEY, ROOT)
    began = time.monotonic()
    assert fetcher.block(KEY, ROOT) == BLOCK
    assert time.monotonic() - began < 2


def test_memory_for_blocks_is_bounded(
    peer: Started, fetching: Fetching, engine: MemoryEngine
) -> None:
    keys = [cid.parse(engine.put_block(bytes([number]) * 1000)) for number in range(4)]
    node = peer(honest(engine))
    fetcher = fetching([node.provider()], most_bytes=2500)
    for key in [*keys, *keys[::-1]]:
        fetcher.block(key, ROOT)
    assert len(node.asked) == 6


def test_closing_ends_every_wait(peer: Started, fetching: Fetching, ended: Event) -> None:
    fetcher = fetching([peer(silent(ended)).provider()], seconds=30.0)
    flights = [fetcher.soon(cid.of(bytes([number])), ROOT) for number in range(40)]
    began = time.monotonic()
    fetcher.close()
    assert time.monotonic() - began < 5
    for flight in flights:
        with pytest.raises(Cancelled):
            flight.coming.result(0)

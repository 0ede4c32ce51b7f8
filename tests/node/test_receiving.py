"""What a node receives: handed to a thread as it comes, within bounds, no faster than it may."""

import asyncio
from collections.abc import Callable
from io import BytesIO
from threading import Event
from typing import Any

import pytest

from gateway.asgi import Message, Request
from gateway.node import arriving
from gateway.node.arriving import Arriving, BrokeOff
from gateway.node.failures import TooLarge
from gateway.node.streams import Incoming, Progress
from gateway.node.throttle import LEAST_BURST, Throttle
from tests.node import graphs
from tests.node.calling import Caller

RATE = 1_000_000  # bytes a second


class Clock(Event):
    """Stands still but for those who wait: threads, who would be woken by an event."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0.0
        return self.is_set()


class Counting(Throttle):
    """Counts what passes, and lets nobody wait."""

    def __init__(self) -> None:
        super().__init__(0)
        self.passed = 0

    def booked(self, size: int) -> float:
        self.passed += size
        return 0.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_answer_comes_no_faster_than_the_throttle_lets_it(clock: Clock) -> None:
    class Answer(BytesIO):
        """All of it is there at once."""

    throttle, size = Throttle(RATE, clock), 10_000_000
    body = Incoming(Answer(bytes(size)), Progress(60), clock, throttle)  # type: ignore[arg-type]
    began, came = clock.now, 0
    while data := body.read(1 << 20):
        came += len(data)
        assert came <= (clock.now - began) * RATE + max(RATE * 0.25, LEAST_BURST) + 1
    assert came == size
    assert clock.now - began == pytest.approx((size - RATE * 0.25) / RATE)


def test_who_is_told_to_stop_waits_no_more(clock: Clock) -> None:
    throttle, stop = Throttle(1, clock), Event()
    stop.set()
    throttle.wait(1 << 30, stop)
    assert throttle.booked(0) > 1e9  # the line is still owed it, by whoever comes next


def pieces(*bodies: bytes, ends: bool = True) -> list[Message]:
    last = len(bodies) if ends else len(bodies) + 1
    return [
        {"type": "http.request", "body": body, "more_body": number < last}
        for number, body in enumerate(bodies, 1)
    ]


def read_all(
    messages: list[Message], most: int = 1 << 20, read: Callable[[Arriving], Any] | None = None
) -> Any:
    """What a thread reads of a request whose body comes in these messages."""

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    async def go() -> Any:
        scope = {"type": "http", "method": "PUT", "path": "/", "query_string": b"", "headers": []}
        body = Arriving(Request.of(scope, receive, send), most, Throttle(0))
        try:
            return await asyncio.to_thread(read or _to_the_end, body)
        finally:
            body.close()

    return asyncio.run(go())


def _to_the_end(body: Arriving) -> bytes:
    return b"".join(iter(lambda: bytes(body.read(7)), b""))


def test_a_thread_reads_what_the_loop_receives() -> None:
    assert read_all(pieces(b"abc", b"", b"defghijkl", b"m")) == b"abcdefghijklm"
    assert read_all(pieces(b"")) == b""


def test_a_body_past_its_bound_or_broken_off_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge):
        read_all(pieces(b"x" * 50, b"y" * 51), most=100)
    with pytest.raises(BrokeOff):
        read_all([*pieces(b"abc", ends=False), {"type": "http.disconnect"}])
    monkeypatch.setattr(arriving, "PATIENCE", 0.01)
    with pytest.raises(BrokeOff):
        read_all(pieces(b"abc", ends=False))


def test_a_thread_that_waits_for_a_body_nobody_wants_any_more_hears_it() -> None:
    async def go() -> None:
        asked = asyncio.Event()

        async def receive() -> Message:
            asked.set()
            await asyncio.sleep(3600)
            return {"type": "http.disconnect"}

        scope = {"type": "http", "method": "PUT", "path": "/", "query_string": b"", "headers": []}
        body = Arriving(Request.of(scope, receive, receive), 10, Throttle(0))  # type: ignore[arg-type]
        reading = asyncio.ensure_future(asyncio.to_thread(body.read, 5))
        await asked.wait()
        body.close()
        with pytest.raises(BrokeOff):
            await reading
        with pytest.raises(BrokeOff):
            body.read(1)

    asyncio.run(go())


def test_a_push_is_counted_whole(node: Caller) -> None:
    film = graphs.film(700_000, seed=4)
    node.take(film)
    counting = Counting()
    node.app.control._pushes._throttle = counting
    assert node.push(film.archive).said["state"] == "held"
    assert counting.passed == len(film.archive)

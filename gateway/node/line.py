"""The line to the gateway, measured: some bytes up, some down, for a few seconds.

It is measured with more and more bytes, until the next step would take too long: a slow line is
not filled for minutes, a fast one not judged by its first packets. The time of an empty exchange
is taken off each.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.node.speaking import GatewayClient, GatewaySaysNo, GatewaySilent

SECONDS = 5.0  # for each way
STEPS = (64 << 10, 512 << 10, 4 << 20)  # bytes, each eight times the one before
GROWTH = 8
PIECE = 16 << 10  # bytes
LEAST = 0.001  # seconds; nothing is faster as far as can be measured here
PATH = "/nodes/v1/line"
UNKNOWN = "The gateway has to know this node first. Start it, then measure again."

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Line:
    """Bytes a second as seen from this machine; `why` in words where nothing could be measured."""

    up: float = 0.0
    down: float = 0.0
    why: str = ""


def measure(client: GatewayClient, clock: Clock = time.monotonic) -> Line:
    """Takes no longer than twice SECONDS and an answer that is on its way."""
    if not client.peer_id:
        return Line(why=UNKNOWN)
    try:
        client.exchange(PATH, size=0)  # the line stands from here on
        began = clock()
        client.exchange(PATH, size=0)
        empty = clock() - began
        up = _best(lambda size, end: _up(client, size, end, clock), empty, clock)
        down = _best(lambda size, end: _down(client, size, end, clock), empty, clock)
    except GatewaySaysNo as no:
        return Line(why=UNKNOWN if no.status == 404 else str(no))
    except GatewaySilent as silence:
        return Line(why=str(silence))
    return Line(up, down)


def _best(send: Callable[[int, float], int], empty: float, clock: Clock) -> float:
    """Bytes a second at the largest step that was worth while."""
    end, speed = clock() + SECONDS, 0.0
    for size in STEPS:
        began = clock()
        moved = send(size, end)
        took = clock() - began
        if moved == size or not speed:
            speed = moved / max(took - empty, LEAST)
        if took * GROWTH > end - clock():
            break
    return speed


def _up(client: GatewayClient, size: int, end: float, clock: Clock) -> int:
    """How many bytes were taken in time."""
    sending = _Sending(size, end, clock)
    try:
        client.exchange(PATH, size=0, body=sending.pieces(), length=size)
    except _OutOfTime:
        return sending.sent
    return size


def _down(client: GatewayClient, size: int, end: float, clock: Clock) -> int:
    """How many bytes came in time."""
    return client.exchange(PATH, size=size, enough=lambda: clock() > end)


class _OutOfTime(Exception):
    """The step took longer than all of them should."""


class _Sending:
    """Bytes that do not compress, until the time is over."""

    def __init__(self, size: int, end: float, clock: Clock) -> None:
        self.sent = 0
        self._size = size
        self._end = end
        self._clock = clock

    def pieces(self) -> Iterator[bytes]:
        while self.sent < self._size:
            if self._clock() > self._end:
                raise _OutOfTime
            yield os.urandom(PIECE)
            self.sent += PIECE

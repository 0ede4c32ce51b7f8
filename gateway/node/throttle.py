"""A bound on bytes a second, shared by everybody who sends, or who receives: a token bucket."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock
from typing import Self

BURST = 0.25  # seconds of the rate that may go at once
LEAST_BURST = 64 * 1024  # bytes


class Throttle:
    """`rate` is bytes a second, 0 for no bound. Of any number of threads."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = max(rate * BURST, LEAST_BURST)
        self._ready = 0.0  # when all that was let through has gone at the rate
        self._clock = clock
        self._lock = Lock()

    async def passing(self, size: int) -> None:
        """Wait until `size` bytes may go. Who comes first goes first."""
        wait = self.booked(size)
        if wait > 0:
            await asyncio.sleep(wait)

    def wait(self, size: int, stop: Event) -> None:
        """The same for a thread, which goes on when it is to stop."""
        seconds = self.booked(size)
        if seconds > 0:
            stop.wait(seconds)

    def booked(self, size: int) -> float:
        """Book `size` bytes; the seconds to wait before they may go."""
        if not self._rate:
            return 0.0
        with self._lock:
            now = self._clock()
            # An idle bucket fills up to the burst, no further.
            self._ready = max(self._ready, now - self._burst / self._rate) + size / self._rate
            return self._ready - now


@dataclass(frozen=True, slots=True)
class Throttles:
    """One of all that is sent, one of all that is received."""

    sends: Throttle
    receives: Throttle

    @classmethod
    def of(cls, *, sends: int, receives: int) -> Self:
        """Bytes a second, 0 for no bound."""
        return cls(Throttle(sends), Throttle(receives))


UNBOUND = Throttles.of(sends=0, receives=0)

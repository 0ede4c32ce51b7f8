"""A bound on bytes a second, shared by everybody who sends: a token bucket."""

import asyncio
import time

BURST = 0.25  # seconds of the rate that may go at once
LEAST_BURST = 64 * 1024  # bytes


class Throttle:
    """`rate` is bytes a second, 0 for no bound. Not for several event loops."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._burst = max(rate * BURST, LEAST_BURST)
        self._ready = 0.0  # when all that was let through has gone at the rate

    async def passing(self, size: int) -> None:
        """Wait until `size` bytes may go. Who comes first goes first."""
        wait = self.booked(size)
        if wait > 0:
            await asyncio.sleep(wait)

    def booked(self, size: int) -> float:
        """Book `size` bytes; the seconds to wait before they may go."""
        if not self._rate:
            return 0.0
        now = time.monotonic()
        # An idle bucket fills up to the burst, no further.
        self._ready = max(self._ready, now - self._burst / self._rate) + size / self._rate
        return self._ready - now

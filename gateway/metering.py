"""Counts the bytes delivered under each grant, and hands the sums over in batches."""

import asyncio
import logging
from collections import Counter

from gateway.seams import Meter

logger = logging.getLogger(__name__)


class Counting:
    """A count in memory, emptied into the meter every few seconds and at shutdown."""

    def __init__(self, meter: Meter, *, seconds: float = 5.0) -> None:
        self._meter = meter
        self._seconds = seconds
        self._counts: Counter[str] = Counter()

    def add(self, key: str, size: int) -> None:
        if key and size:
            self._counts[key] += size

    async def run(self) -> None:
        """Hand over until cancelled."""
        while True:
            await asyncio.sleep(self._seconds)
            await self.hand_over()

    async def hand_over(self) -> None:
        """Give the sums to the meter; if it fails they are kept for the next time."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await self._meter.delivered(counts)
        except Exception:
            logger.exception("The meter did not take %d counts; they are kept", len(counts))
            self._counts.update(counts)

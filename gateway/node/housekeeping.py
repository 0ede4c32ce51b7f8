"""What a node does for itself: fetch, count, let go of what is over, free room."""

import asyncio
import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass

from gateway.node import holdings, notes
from gateway.node.holdings import Holding
from gateway.node.leasing import Leasing
from gateway.node.pulling import Puller
from node_bridge import NodeError

EVERY = 10.0  # seconds
SWEEPS, IN_NEED = 3600.0, 60.0  # seconds between two sweeps of the store
PULLERS = 2  # threads; each fetches from several places at once
WAITS = 86_400.0  # seconds a lease under way holds off the sweep

logger = logging.getLogger(__name__)


@dataclass
class Fetching:
    """A chore: threads that fetch what leases promise."""

    puller: Puller

    async def run(self) -> None:
        threads = [
            threading.Thread(target=self.puller.run, name=f"puller-{number}")
            for number in range(PULLERS)
        ]
        for thread in threads:
            thread.start()
        try:
            await asyncio.Event().wait()
        finally:
            self.puller.stop()
            for thread in threads:
                await asyncio.to_thread(thread.join, 30.0)
            self.puller.close()


@dataclass
class Housekeeping:
    """A chore: counters to the book, leases that are over, room."""

    leasing: Leasing
    counts: Counter[str]
    swept: float = 0.0

    async def run(self) -> None:
        try:
            while True:
                await asyncio.to_thread(self.keep)
                await asyncio.sleep(EVERY)
        finally:
            self.write_counts()

    def keep(self) -> None:
        self.write_counts()
        ended = self.leasing.end_over(now=time.time())
        if ended:
            logger.info("%d leases are over", ended)
        if time.time() - self.swept > (IN_NEED if self._is_short() else SWEEPS):
            self.sweep()

    def write_counts(self) -> None:
        """Into the book; what cannot be written now stays for the next time."""
        counts = dict(self.counts)
        try:
            notes.count(self.leasing.book, counts)
        except NodeError:
            logger.exception("The counters could not be written")
            return
        self.counts.subtract(counts)

    def sweep(self) -> int:
        """Free what no lease holds; the bytes. Not while something is on its way, for it is not
        pinned before it is whole; but a lease that waits for room must not keep it from coming.
        """
        if not self._is_short() and self._under_way():
            return 0
        self.swept = time.time()
        return self.leasing.store.gc()

    def _under_way(self) -> list[Holding]:
        return holdings.under_way(self.leasing.book, time.time() - WAITS)

    def _is_short(self) -> bool:
        return any(holding.name == holdings.NO_ROOM for holding in self._under_way())

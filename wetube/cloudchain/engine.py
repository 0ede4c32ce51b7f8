"""The one thread that runs the machine, and how other threads ask it for work."""

import itertools
import queue
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import TypeVar

from wetube.cloudchain.chain import Chain

T = TypeVar("T")
MOST_ASKED = 48  # fewer than the door has threads, so that some are left to read
PATIENCE = 30.0  # seconds a request waits for its turn and its answer
NAP = 1.0  # seconds; a signal that comes just before a wait is handled after it
SENDING, CALLING, STOPPING = 0, 1, 2

_Order = tuple[int, int, "Future[object] | None", "Callable[[Chain], object] | None"]


class Busy(Exception):
    """Too much is asked of the chain at once; nothing was done. Ask again."""


class Engine:
    """`run` works in the thread that calls it, the main one; the others `ask`."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._orders: queue.PriorityQueue[_Order] = queue.PriorityQueue()
        self._numbers = itertools.count()

    def send(self, work: Callable[[Chain], T]) -> T:
        """Have something written, before all that only asks. Raises Busy, and what `work` does."""
        return self._ask(SENDING, work)

    def call(self, work: Callable[[Chain], T]) -> T:
        """Have something computed. Raises Busy, and what `work` does."""
        return self._ask(CALLING, work)

    def run(self) -> None:
        """Returns after `stop`, with everything asked before it done."""
        while True:
            _, _, answer, work = self._next()
            if answer is None or work is None:
                return
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(work(self._chain))
            except Exception as fault:  # noqa: BLE001 - the one who asked gets it
                answer.set_exception(fault)

    def stop(self) -> None:
        self._orders.put((STOPPING, next(self._numbers), None, None))

    def _next(self) -> _Order:
        """Naps rather than sleeps: Python handles a signal in this thread alone, and only awake."""
        while True:
            with suppress(queue.Empty):
                return self._orders.get(timeout=NAP)

    def _ask(self, urgency: int, work: Callable[[Chain], T]) -> T:
        if self._orders.qsize() >= MOST_ASKED:
            raise Busy("the chain has too much to do; ask again")
        answer: Future[T] = Future()
        self._orders.put((urgency, next(self._numbers), answer, work))  # type: ignore[arg-type]
        try:
            return answer.result(PATIENCE)
        except (TimeoutError, CancelledError) as late:
            if answer.cancel():
                raise Busy("the chain has too much to do; nothing was done") from late
            raise Busy("no answer yet; look at the transaction's receipt") from late

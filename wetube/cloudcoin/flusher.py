"""Callers on an event loop share one commit: futures in, one thread with its connection out.

The thread starts with the first item and ends when nobody came for a while, so a process
that takes no vouchers has none. A lone caller never waits for company; in a crowd the thread
lets some more come in first, for a commit costs much more than another row in it.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from django.db import connections

Item = TypeVar("Item")
IDLE_SECONDS = 5.0
CROWD = 4  # of them in a batch, the next one waits for more
GATHER = 0.004  # seconds

Waiting = tuple[Item, "asyncio.Future[None]"]


class Flusher(Generic[Item]):
    """Settles items of many callers together; `settle` gets at most `most` of them at once."""

    def __init__(self, settle: Callable[[list[Item]], None], *, most: int) -> None:
        self._settle, self._most = settle, most
        self.forget()

    def forget(self) -> None:
        """Begin anew: in the child of a fork, the parent's thread and callers mean nothing."""
        self._waiting: deque[Waiting[Item]] = deque()
        self._came = threading.Condition()
        self._thread: threading.Thread | None = None

    async def submit(self, item: Item) -> None:
        """Return when the item was settled; raises what `settle` raises."""
        future = asyncio.get_running_loop().create_future()
        with self._came:
            self._waiting.append((item, future))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="till", daemon=True)
                self._thread.start()
            else:
                self._came.notify()
        await future

    def rest(self) -> None:
        """Wait until all who came are answered and the thread has ended."""
        with self._came:
            thread, self._thread = self._thread, None
            self._came.notify()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        size = 0
        try:
            while batch := self._next(gather=size >= CROWD):
                size = len(batch)
                _answer(batch, self._settled(batch))
        finally:
            connections.close_all()

    def _next(self, *, gather: bool) -> list[Waiting[Item]]:
        """Those who wait, the oldest first; nobody when the thread is to end."""
        if gather:
            time.sleep(GATHER)
        with self._came:
            self._came.wait_for(self._is_called, timeout=IDLE_SECONDS)
            if not self._waiting and self._thread is threading.current_thread():
                self._thread = None
            count = min(len(self._waiting), self._most)
            return [self._waiting.popleft() for _ in range(count)]

    def _is_called(self) -> bool:
        return bool(self._waiting) or self._thread is not threading.current_thread()

    def _settled(self, batch: list[Waiting[Item]]) -> BaseException | None:
        try:
            self._settle([item for item, _ in batch])
        except BaseException as error:  # noqa: BLE001 - each caller raises it, the thread lives on
            return error
        return None


def _answer(batch: Iterable[Waiting[Item]], error: BaseException | None) -> None:
    """Wake each event loop once for all of its callers."""
    of_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for _, future in batch:
        of_loop.setdefault(future.get_loop(), []).append(future)
    for loop, futures in of_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_wake, futures, error)


def _wake(futures: Iterable["asyncio.Future[None]"], error: BaseException | None) -> None:
    for future in futures:
        if future.done():  # its caller went away
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)

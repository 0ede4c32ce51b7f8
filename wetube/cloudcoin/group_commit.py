"""Callers of many threads share one commit, without a thread of its own.

Whoever finds nobody at work becomes the leader: it takes all who wait, settles them in one
go and then hands the lead to the first of those who came meanwhile. While a commit waits
for the disk the next batch gathers, so batches grow with the crowd and a lone caller never
waits for company. When nobody calls, nothing runs.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Interrupted(RuntimeError):
    """The leader was stopped half way; ask again, the reference keeps it to once."""


class _Turn(Generic[Item]):
    """One caller's place in the queue."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.leads = False
        self.settled = False
        # A closed lock is the cheapest thing to wait on: whoever calls opens it.
        self.call = threading.Lock()
        self.call.acquire()


class GroupCommit(Generic[Item]):
    """Settles items of many callers together; `settle` gets at most `most` of them at once."""

    def __init__(self, settle: Callable[[list[Item]], None], *, most: int) -> None:
        self._settle, self._most = settle, most
        self.forget()

    def forget(self) -> None:
        """Begin anew: in the child of a fork, the parent's callers and locks mean nothing."""
        self._lock = threading.Lock()
        self._waiting: list[_Turn[Item]] = []
        self._led = False

    def submit(self, item: Item) -> None:
        """Return when the item was settled. Raises Interrupted if its leader was stopped."""
        turn = _Turn(item)
        with self._lock:
            self._waiting.append(turn)
            turn.leads = not self._led
            self._led = True
        if not turn.leads:
            self._wait(turn)
        if turn.leads:
            self._lead(turn)
        if not turn.settled:
            raise Interrupted("The till was interrupted; please try again.")

    def _wait(self, turn: _Turn[Item]) -> None:
        """Until called; who is torn away by a signal leaves the queue, and hands on the lead."""
        try:
            turn.call.acquire()
        except BaseException:
            with self._lock:
                if turn in self._waiting:
                    self._waiting.remove(turn)
            if turn.leads:
                self._hand_over()
            raise

    def _lead(self, own: _Turn[Item]) -> None:
        with self._lock:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            self._settle([turn.item for turn in batch])
            for turn in batch:
                turn.settled = True
        finally:
            self._hand_over()
            for turn in batch:
                if turn is not own:
                    turn.call.release()

    def _hand_over(self) -> None:
        with self._lock:
            self._led = bool(self._waiting)
            if self._led:
                self._waiting[0].leads = True
                self._waiting[0].call.release()

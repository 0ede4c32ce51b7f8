"""Answers of a slow question, asked anew once in a while; meanwhile the last one serves."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
STALE = 5.0  # seconds an answer may be over its time while it is asked for anew


class _Entry(Generic[Answer]):
    def __init__(self) -> None:
        self.until = 0.0
        self.asking: asyncio.Future[Answer] | None = None
        self.answers: list[Answer] = []  # the last one, if there was any


class Lately(Generic[Answer]):
    """Asks `question` once per key and `seconds`, however many want to know meanwhile."""

    def __init__(
        self, question: Callable[[str], Awaitable[Answer]], *, seconds: float, most: int
    ) -> None:
        self._question, self._seconds, self._most = question, seconds, most
        self._known: OrderedDict[str, _Entry[Answer]] = OrderedDict()

    async def ask(self, key: str) -> Answer:
        """The answer, some seconds old at most; raises what the question raises."""
        entry = self._known.get(key) or self._new(key)
        now = time.monotonic()
        if now >= entry.until and entry.asking is None:
            entry.asking = asyncio.ensure_future(self._question(key))
            entry.asking.add_done_callback(lambda asked: self._heard(entry, asked))
        if entry.answers and now < entry.until + STALE:
            return entry.answers[0]
        assert entry.asking is not None  # noqa: S101 - what has no answer is being asked
        return await asyncio.shield(entry.asking)

    def _new(self, key: str) -> _Entry[Answer]:
        entry = self._known[key] = _Entry()
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return entry

    def _heard(self, entry: _Entry[Answer], asked: "asyncio.Future[Answer]") -> None:
        entry.asking = None
        if asked.cancelled() or asked.exception() is not None:
            entry.answers = []
            return
        entry.answers, entry.until = [asked.result()], time.monotonic() + self._seconds

"""Answers of a slow question, remembered for a moment."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Briefly(Generic[Answer]):
    """Asks `question` once per key and `seconds`, however many want to know meanwhile."""

    def __init__(
        self, question: Callable[[str], Awaitable[Answer]], *, seconds: float, most: int = 10_000
    ) -> None:
        self._question = question
        self._seconds = seconds
        self._most = most
        self._known: OrderedDict[str, tuple[float, asyncio.Future[Answer]]] = OrderedDict()

    async def ask(self, key: str) -> Answer:
        """The answer, at most `seconds` old; a question that failed is asked again."""
        until, answer = self._known.get(key, (0.0, None))
        if answer is None or time.monotonic() >= until or _failed(answer):
            answer = asyncio.ensure_future(self._question(key))
            self._known[key] = (time.monotonic() + self._seconds, answer)
            self._known.move_to_end(key)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return await asyncio.shield(answer)


def _failed(answer: "asyncio.Future[Answer]") -> bool:
    return answer.done() and (answer.cancelled() or answer.exception() is not None)

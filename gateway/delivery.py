"""Sends a span of a file piece by piece, no faster than it is taken, and stops when nobody is."""

import asyncio
from collections.abc import AsyncIterator, Callable

from gateway.asgi import Receive, Request
from gateway.hot import BLOCK, PIECE, HotBlocks
from gateway.ranges import Span
from node_bridge import NotFound, Stat


class Gone:
    """Watches whether the client is still there, while an answer is being sent."""

    def __init__(self, receive: Receive) -> None:
        self._watch = asyncio.ensure_future(_disconnect(receive))

    def __bool__(self) -> bool:
        return self._watch.done()

    def close(self) -> None:
        self._watch.cancel()


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Delivery:
    """One answer with a body, on its way to one client."""

    def __init__(self, hot: HotBlocks, file: Stat, span: Span) -> None:
        self._hot = hot
        self._file = file
        self._span = span
        self._coming = hot.soon(file, span.start // BLOCK)
        self._first: list[bytes] = []

    async def ready(self) -> None:
        """Until the first block is here; raises NodeError or TooSlow while it can be refused."""
        self._first = await self._block(self._span.start // BLOCK)

    async def send_to(self, request: Request, sent: Callable[[int], None]) -> None:
        """Send the body; tells `sent` the bytes of each piece handed over.

        The server's `send` waits while its buffer is full, so at any time one
        block is held here and the next one is being read. An error that comes
        up midway leaves the answer short, which the client sees.
        """
        gone = Gone(request.receive)
        try:
            async for piece in self._pieces():
                await request.send({"type": "http.response.body", "body": piece, "more_body": True})
                sent(len(piece))
                await asyncio.sleep(0)  # granian's send() returns at once when the client is gone
                if gone:
                    return
            await request.send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.close()

    async def _pieces(self) -> AsyncIterator[bytes]:
        first, stop = self._span.start // BLOCK, -(-self._span.stop // BLOCK)
        for index in range(first, stop):
            pieces, self._first = self._first or await self._block(index), []
            if index + 1 < stop:
                self._coming = self._hot.soon(self._file, index + 1)
            for piece in pieces:
                yield piece

    async def _block(self, index: int) -> list[bytes]:
        """What the span has of a block that is coming.

        Others cut their files finer: where a part beside the span is missing, the
        span's own bytes may all be here.
        """
        start = index * BLOCK
        try:
            return _within(await self._hot.in_time(self._coming), start, self._span)
        except NotFound:
            low, high = max(self._span.start, start), min(self._span.stop, start + BLOCK)
            return [await self._hot.in_time(self._hot.exactly(self._file, low, high))]


def _within(block: tuple[bytes, ...], start: int, span: Span) -> list[bytes]:
    """The parts of a block's pieces that lie in the span, without copying whole ones."""
    parts = []
    for number, piece in enumerate(block):
        begin = start + number * PIECE
        low, high = max(span.start - begin, 0), min(span.stop - begin, len(piece))
        if low < high:
            parts.append(piece if high - low == len(piece) else piece[low:high])
    return parts

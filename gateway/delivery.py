"""Sends a span of a file piece by piece, no faster than it is taken, and stops when nobody is."""

import asyncio
from collections.abc import Callable

from gateway.asgi import Receive, Request
from gateway.hot import BLOCK, PIECE, HotBlocks
from gateway.ranges import Span
from node_bridge import Stat


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


async def send_span(
    request: Request, hot: HotBlocks, file: Stat, span: Span, sent: Callable[[int], None]
) -> None:
    """Send the body; tells `sent` the bytes of each piece handed over.

    The server's `send` waits while its buffer is full, so at any time one
    block is held here and the next one is being read. A NodeError that comes
    up midway leaves the answer short, which the client sees.
    """
    gone, send = Gone(request.receive), request.send
    try:
        for index in range(span.start // BLOCK, -(-span.stop // BLOCK)):
            block = await hot.block(file, index)
            if (index + 1) * BLOCK < span.stop:
                hot.read_ahead(file, index + 1)
            for piece in _within(block, index * BLOCK, span):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                sent(len(piece))
                await asyncio.sleep(0)  # granian's send() returns at once when the client is gone
                if gone:
                    return
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        gone.close()


def _within(block: tuple[bytes, ...], start: int, span: Span) -> list[bytes]:
    """The parts of a block's pieces that lie in the span, without copying whole ones."""
    parts = []
    for number, piece in enumerate(block):
        begin = start + number * PIECE
        low, high = max(span.start - begin, 0), min(span.stop - begin, len(piece))
        if low < high:
            parts.append(piece if high - low == len(piece) else piece[low:high])
    return parts

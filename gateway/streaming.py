"""Sends what a node makes as it goes: read ahead by one bout, no faster than it is taken."""

import asyncio
from collections.abc import Callable, Iterator

from gateway.asgi import Request
from gateway.delivery import Gone
from gateway.hot import HotBlocks

BOUT = 1 << 20  # bytes gathered before they are sent


class Stream:
    """Pieces that threads read one after another; nobody knows yet how many."""

    def __init__(self, hot: HotBlocks, pieces: Iterator[bytes]) -> None:
        self._hot = hot
        self._pieces = pieces
        self._coming = hot.walk(self._gather)

    async def ready(self) -> None:
        """Until the first bytes are here; raises NodeError or TooSlow while it can be refused."""
        await self._hot.in_time(self._coming)

    async def send_to(self, request: Request, sent: Callable[[int], None]) -> None:
        """Send the body; tells `sent` the bytes of each bout handed over.

        An error midway leaves the answer without its end, which the client sees.
        """
        gone = Gone(request.receive)
        try:
            while bout := await self._hot.in_time(self._coming):
                self._coming = self._hot.walk(self._gather)
                await request.send({"type": "http.response.body", "body": bout, "more_body": True})
                sent(len(bout))
                await asyncio.sleep(0)  # granian's send() returns at once when the client is gone
                if gone:
                    return
            await request.send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.close()

    def _gather(self) -> bytes:
        """In a thread; the next bout, nothing at the end."""
        gathered, size = [], 0
        for piece in self._pieces:
            gathered.append(piece)
            size += len(piece)
            if size >= BOUT:
                break
        return b"".join(gathered)

"""A request's body that knows its end, and can read away what nobody wants."""

import asyncio
from contextlib import suppress

from gateway.asgi import Message, Receive

SECONDS = 5.0
MOST = 64 << 20  # bytes


class Body:
    """An ASGI `receive` that remembers whether the body has ended."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body"):
            self.ended = True
        return message

    async def drain(self) -> None:
        """Take what still comes after a refusal, within bounds.

        A client that is cut off while it sends would see a broken connection
        and not the answer.
        """
        size = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                while not self.ended and size < MOST:
                    size += len((await self()).get("body", b""))

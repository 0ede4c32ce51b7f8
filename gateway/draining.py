"""Reads away what a client still sends after its answer, so that it gets to see the answer."""

import asyncio
from contextlib import suppress

from gateway.asgi import Receive

SECONDS = 5.0
MOST = 64 << 20  # bytes


async def drain(receive: Receive) -> None:
    """A client that is cut off while it sends sees a broken connection, not the sentence."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SECONDS):
            size = 0
            while size < MOST:
                message = await receive()
                size += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body"):
                    return

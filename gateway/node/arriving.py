"""A request's body as a file, for the thread that reads it while the event loop receives it."""

import asyncio
from concurrent.futures import CancelledError, Future
from threading import Lock

from gateway.asgi import Request
from gateway.node.failures import TooLarge
from gateway.node.throttle import Throttle
from gateway.refusals import Malformed

PATIENCE = 30.0  # seconds without a byte
AT_ONCE = 256 << 10  # bytes handed over together; as many more are on their way


class BrokeOff(Malformed):
    """The body ended before it was whole, or nothing came for too long."""


class Arriving:
    """At most `most` bytes, received no faster than they are read and `throttle` lets them.

    Made in the event loop, read in a thread, closed in the loop again.
    """

    def __init__(self, request: Request, most: int, throttle: Throttle) -> None:
        if (request.content_length or 0) > most:
            raise TooLarge("The archive is larger than its lease allows.")
        self._request = request
        self._left = most
        self._throttle = throttle
        self._loop = asyncio.get_running_loop()
        self._here = memoryview(b"")
        self._has_ended = False
        self._is_closed = False
        self._coming: Future[bytes] | None = None
        self._lock = Lock()

    def read(self, size: int) -> memoryview:
        """At most `size` bytes, none at the end; raises TooLarge, BrokeOff."""
        if not self._here:
            self._here = memoryview(self._next())
        piece, self._here = self._here[:size], self._here[size:]
        return piece

    def close(self) -> None:
        """The thread that still reads hears that the body broke off."""
        with self._lock:
            self._is_closed = True
            if self._coming is not None:
                self._coming.cancel()

    def _next(self) -> bytes:
        """What has come, while more is asked for."""
        coming = self._coming or self._ask()
        try:
            data = coming.result()
        except CancelledError as error:
            raise BrokeOff("The body is not waited for any more.") from error
        if data:
            self._ask()
        return data

    def _ask(self) -> "Future[bytes]":
        with self._lock:
            if self._is_closed:
                raise BrokeOff("The body is not waited for any more.")
            self._coming = asyncio.run_coroutine_threadsafe(self._receive(), self._loop)
            return self._coming

    async def _receive(self) -> bytes:
        """The next bytes, none at the end."""
        data = bytearray()
        while not self._has_ended and len(data) < AT_ONCE:
            data += await self._piece()
            if len(data) > self._left:
                raise TooLarge("The archive is larger than its lease allows.")
        self._left -= len(data)
        await self._throttle.passing(len(data))
        return bytes(data)

    async def _piece(self) -> bytes:
        try:
            message = await asyncio.wait_for(self._request.receive(), PATIENCE)
        except TimeoutError as error:
            raise BrokeOff("Nothing more of the body came.") from error
        if message["type"] == "http.disconnect":
            raise BrokeOff("The body broke off.")
        self._has_ended = not message.get("more_body")
        piece: bytes = message.get("body", b"")
        return piece

"""Writes a request's body to a file as it arrives: flat memory, the event loop never waits."""

import asyncio
import os
from functools import partial

from gateway.asgi import Message, Receive
from gateway.checksums import Checksum
from gateway.refusals import Refused
from gateway.uploads import TooBig, raise_full

HELD = 2 << 20  # bytes that may wait in memory while the disk takes the ones before
STALL_SECONDS = 60.0


class Stalled(Refused):
    """The connection is open and nothing comes."""

    status = 408


class TakenOver(Refused):
    """A newer connection goes on with this upload."""

    status = 423


class Writer:
    """One body on its way to disk: while a thread writes, the next pieces are received."""

    def __init__(
        self, receive: Receive, offset: int, limit: int, checksum: Checksum | None = None
    ) -> None:
        self.offset = offset
        self.checksum = checksum
        self.cut = False
        self.ended = asyncio.Event()
        self._receive = receive
        self._limit = limit
        self._arrived = offset
        self._waiting: list[bytes] = []
        self._writing: asyncio.Future[None] | None = None
        self._pending: asyncio.Future[Message] | None = None
        self._stopped = False

    def stop(self) -> None:
        """Write what has come, then raise TakenOver from `run`."""
        self._stopped = True
        if self._pending is not None:
            self._pending.cancel()

    async def run(self, descriptor: int) -> None:
        """Until the body ends or the client goes away (then `cut` is true).

        Raises TooBig past the limit, Stalled, TakenOver, DiskFull; what arrived
        before is on disk in each case.
        """
        try:
            more = True
            while more:
                more = self._accept(await self._next())
                await self._write(descriptor, most_held=HELD)
        finally:
            await self._write(descriptor, most_held=0)

    async def _next(self) -> Message:
        if not self._stopped:
            self._pending = asyncio.ensure_future(self._receive())
            await asyncio.wait({self._pending}, timeout=STALL_SECONDS)
        if self._stopped:
            raise TakenOver("This upload goes on over a newer connection.")
        if self._pending is None or not self._pending.done():
            self.stop()
            raise Stalled(f"Nothing came for {STALL_SECONDS:.0f} seconds: go on when you can.")
        return self._pending.result()

    def _accept(self, message: Message) -> bool:
        """Take a message's bytes; whether more are to come."""
        if message["type"] == "http.disconnect":
            self.cut = True
            return False
        body: bytes = message.get("body", b"")
        if self._arrived + len(body) > self._limit:
            raise TooBig(f"More bytes came than the {self._limit} that were announced or allowed.")
        if body:
            self._arrived += len(body)
            self._waiting.append(body)
        return bool(message.get("more_body"))

    async def _write(self, descriptor: int, *, most_held: int) -> None:
        """Keep one write under way, and wait for it only if too much is held."""
        while self._waiting or (self._writing and not most_held):
            if self._writing is not None:
                if most_held and not self._writing.done() and self._held() <= most_held:
                    return
                await self._settle()
            if self._waiting and self._writing is None:
                self._begin(descriptor)

    def _begin(self, descriptor: int) -> None:
        pieces, self._waiting = self._waiting, []
        self._writing = asyncio.ensure_future(asyncio.to_thread(self._put, descriptor, pieces))
        self._writing.add_done_callback(partial(self._go_on, descriptor))

    def _go_on(self, descriptor: int, done: "asyncio.Future[None]") -> None:
        """What came during a write goes to disk after it: the next bytes may take their time."""
        if done is self._writing and self._waiting and not (done.cancelled() or done.exception()):
            self._begin(descriptor)

    async def _settle(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            try:
                await writing
            except OSError as error:
                self._waiting = []
                raise_full(error)
                raise

    def _held(self) -> int:
        return sum(map(len, self._waiting))

    def _put(self, descriptor: int, pieces: list[bytes]) -> None:
        """In a thread, one call at a time."""
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if self.checksum is not None:
            self.checksum.update(data)
        view = memoryview(data)
        while view:
            written = os.pwrite(descriptor, view, self.offset)
            self.offset += written
            view = view[written:]

"""Who may write to an upload: one at a time, the newest connection before an older one."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.asgi import Receive
from gateway.checksums import Checksum
from gateway.refusals import Refused
from gateway.uploads import TooBig, Upload, Uploads
from gateway.writing import Writer

HAND_OVER_SECONDS = 10.0


class OffsetMismatch(Refused):
    status = 409


class Locked(Refused):
    """Another process writes to it."""

    status = 423


class ChecksumMismatch(Refused):
    """The bytes were damaged on their way; none of them were kept."""

    status = 460


@dataclass(frozen=True, slots=True)
class Took:
    """How far an upload got; `cut` when the client went away before the end of its body."""

    offset: int
    cut: bool


class Intake:
    """Writes bodies to uploads."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads
        self._writers: dict[str, Writer] = {}

    async def take(
        self,
        upload: Upload,
        offset: int,
        receive: Receive,
        *,
        limit: int,
        checksum: Checksum | None = None,
    ) -> Took:
        """Write a body at `offset`; what arrived before a cut stays.

        Raises OffsetMismatch, Locked, TooBig past `limit` bytes in all,
        ChecksumMismatch, DiskFull, and Stalled or TakenOver from the writer.
        """
        await self.stop(upload.key)
        writer = Writer(receive, offset, limit, checksum)
        self._writers[upload.key] = writer
        try:
            async with self._opened(upload, offset) as descriptor:
                return await self._write(upload, writer, descriptor)
        finally:
            writer.ended.set()
            del self._writers[upload.key]

    async def stop(self, key: str) -> None:
        """End the writing that is under way, if any; what it received is on disk afterwards."""
        while (writer := self._writers.get(key)) is not None:
            writer.stop()
            try:
                await asyncio.wait_for(writer.ended.wait(), HAND_OVER_SECONDS)
            except TimeoutError:
                raise Locked("This upload is being written to: try again in a moment.") from None
            await asyncio.sleep(0)

    async def _write(self, upload: Upload, writer: Writer, descriptor: int) -> Took:
        if writer.checksum is None:
            await writer.run(descriptor)
            return Took(writer.offset, writer.cut)
        begin = writer.offset
        await asyncio.to_thread(self._uploads.mark_unverified, upload, begin)
        await writer.run(descriptor)
        if writer.cut or not writer.checksum.is_met():
            await asyncio.to_thread(os.ftruncate, descriptor, begin)
            writer.offset = begin
        await asyncio.to_thread(self._uploads.mark_unverified, upload, None)
        if not writer.cut and not writer.checksum.is_met():
            raise ChecksumMismatch("The bytes differ from their checksum: send them again.")
        return Took(writer.offset, writer.cut)

    @asynccontextmanager
    async def _opened(self, upload: Upload, offset: int) -> AsyncIterator[int]:
        """The upload's file, locked against other processes and cut to the verified bytes."""
        flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(self._uploads.source(upload), flags)
        except FileNotFoundError:
            raise OffsetMismatch("The bytes of this upload are gone: begin again.") from None
        try:
            _lock(descriptor)
            have = self._uploads.offset(upload)
            if offset != have:
                raise OffsetMismatch(f"This upload goes on at byte {have}, not {offset}.")
            if self._uploads.unverified_from(upload) is not None:
                os.ftruncate(descriptor, have)
                self._uploads.mark_unverified(upload, None)
            yield descriptor
        finally:
            os.close(descriptor)


def check_length(announced: int | None, offset: int, limit: int) -> None:
    """Refuse a body that says it is too long before any of it is taken; raises TooBig."""
    if announced is not None and offset + announced > limit:
        raise TooBig(f"This upload has {limit} bytes in all, and {offset + announced} were coming.")


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Locked("This upload is being written to: try again in a moment.") from None

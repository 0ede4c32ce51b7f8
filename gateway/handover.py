"""Hands finished uploads to the site: when the last byte arrives, and again until it took them."""

import asyncio
import logging
import os
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from gateway.refusals import Refused
from gateway.seams import NotReceived, Receiver
from gateway.uploads import Upload, Uploads

logger = logging.getLogger(__name__)

ROUND_SECONDS = 60.0


class SiteAway(Refused):
    """The bytes are safe here; the site is told again by the next request or the next round."""

    status = 503
    headers: Mapping[str, str] = {"Retry-After": "5"}


class Handover:
    """Between the uploads on disk and the site's Receiver."""

    def __init__(self, uploads: Uploads, receiver: Receiver) -> None:
        self._uploads = uploads
        self._receiver = receiver
        self._one_at_a_time: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def give(self, upload: Upload) -> Upload:
        """Make a whole file durable and hand it over; the answer knows where it is shown.

        Raises NotReceived, and then the file is gone, or SiteAway whatever else the
        Receiver raised, and then it stays for the next time.
        """
        async with self._one_at_a_time[upload.key]:
            upload = await asyncio.to_thread(self._uploads.find, upload.key)
            if not upload.shown:
                upload = await self._give(upload)
        self._one_at_a_time.pop(upload.key, None)
        return upload

    async def _give(self, upload: Upload) -> Upload:
        path = self._uploads.source(upload)
        await asyncio.to_thread(_make_durable, path)
        size = upload.length or 0
        try:
            shown = await self._receiver.finished(upload.key, path, size, upload.filename)
        except NotReceived:
            await asyncio.to_thread(self._uploads.remove, upload)
            raise
        except Exception as error:
            logger.warning("The site did not take upload %s: %s", upload.key, error)
            raise SiteAway(
                "All of it has arrived; the site takes it as soon as it answers again."
            ) from error
        return await asyncio.to_thread(self._uploads.finish, upload, shown=shown)

    async def run(self) -> None:
        """Every minute: hand over what is complete, sweep what is old. Until cancelled."""
        while True:
            try:
                await self.go_round()
            except OSError:
                logger.exception("The uploads on disk could not be looked through")
            await asyncio.sleep(ROUND_SECONDS)

    async def go_round(self) -> None:
        for upload in await asyncio.to_thread(lambda: list(self._uploads.complete())):
            try:
                await self.give(upload)
            except Refused as refused:
                logger.info("Upload %s waits: %s", upload.key, refused)
            except Exception:
                # One broken upload may not end the rounds of all others.
                logger.exception("Upload %s could not be handed over", upload.key)
        for key in await asyncio.to_thread(self._uploads.sweep, now=time.time()):
            logger.info("Upload %s was left alone for too long and is gone", key)


def _make_durable(path: Path) -> None:
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""Uploads by a plain HTML form, for pages without JavaScript: streamed to disk like tus."""

import asyncio

from gateway.answers import NO_STORE, Answer, preflight, send_answer
from gateway.asgi import Request
from gateway.door import Doorkeeper
from gateway.form_files import FormFile
from gateway.handover import Handover
from gateway.intake import Intake, check_length
from gateway.refusals import MethodNotAllowed, NothingHere
from gateway.uploads import Upload, UploadExpired, Uploads
from node_bridge import Grant

AROUND = 64 << 10  # bytes that a form may have around its file


class FormRoutes:
    """/g/<upload grant>/uploads/form"""

    def __init__(
        self, door: Doorkeeper, uploads: Uploads, intake: Intake, handover: Handover
    ) -> None:
        self._door = door
        self._uploads = uploads
        self._intake = intake
        self._handover = handover

    async def take(self, request: Request, token: str) -> None:
        """Take the form's file and send the browser to where it is shown; raises Refused."""
        if request.method == "OPTIONS":
            await send_answer(request.send, preflight("POST, OPTIONS"))
            return
        if request.method != "POST":
            raise MethodNotAllowed("POST", "OPTIONS")
        grant = self._door.grant(token, "upload")
        shown = await self._shown(grant)
        if shown:
            await send_answer(request.send, _see(shown))
            return
        upload = await self._receive(request, grant)
        if upload is not None:
            await send_answer(request.send, _see((await self._handover.give(upload)).shown))

    async def _shown(self, grant: Grant) -> str:
        """Where the file is shown if it has arrived before: a form may be sent twice."""
        try:
            return (await asyncio.to_thread(self._uploads.find, grant.subject)).shown
        except (NothingHere, UploadExpired):
            return ""

    async def _receive(self, request: Request, grant: Grant) -> Upload | None:
        """The whole upload, None when the browser went away."""
        limit = min(grant.limit, self._uploads.most)
        announced = request.content_length
        check_length(announced, 0, limit + AROUND)
        room = max((announced or 0) - AROUND, 0)
        await asyncio.to_thread(self._uploads.check_room, room, limit=limit)
        file = FormFile(request.headers.get("content-type", ""), request.receive)
        name = await file.filename()
        if name is None:
            return None
        await self._intake.stop(grant.subject)
        wanted = Upload(grant.subject, None, name)
        upload = await asyncio.to_thread(self._uploads.begin, wanted, limit=limit)
        whole = False
        try:
            took = await self._intake.take(upload, 0, file.receive, limit=limit)
            whole = not took.cut
        finally:
            if not whole:  # a form cannot go on later
                await asyncio.to_thread(self._uploads.remove, upload)
        return await asyncio.to_thread(self._uploads.sized, upload, took.offset) if whole else None


def _see(url: str) -> Answer:
    return Answer(303, {"Location": url, **NO_STORE})

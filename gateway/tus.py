"""The tus 1.0.0 protocol: core, creation, creation-with-upload, expiration, termination, checksum.

An upload's id is the subject of its grant, so creating twice under one grant
gives the same upload, and a renewed grant goes on where the old one stopped.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate

from gateway import checksums
from gateway.answers import NO_STORE, Answer, preflight, send_answer
from gateway.asgi import Request
from gateway.door import Doorkeeper
from gateway.handover import Handover
from gateway.intake import Intake, Took, check_length
from gateway.refusals import Malformed, MethodNotAllowed, NothingHere, Refused
from gateway.upload_metadata import filename
from gateway.uploads import AlreadyTaken, Upload, Uploads
from node_bridge import Grant

VERSION = {"Tus-Resumable": "1.0.0"}
EXTENSIONS = "creation,creation-with-upload,expiration,termination,checksum"
BYTES = "application/offset+octet-stream"
METHODS = "POST, HEAD, PATCH, DELETE, OPTIONS"


class OtherVersion(Refused):
    status = 412
    headers = {"Tus-Version": "1.0.0"}


class WrongContentType(Refused):
    status = 415


class TusRoutes:
    """/g/<upload grant>/uploads and /g/<upload grant>/uploads/<id>."""

    def __init__(
        self,
        door: Doorkeeper,
        uploads: Uploads,
        intake: Intake,
        handover: Handover,
        *,
        public_url: str,
    ) -> None:
        self._door = door
        self._uploads = uploads
        self._intake = intake
        self._handover = handover
        self._public_url = public_url.rstrip("/")

    async def answer(self, request: Request, token: str, ident: str) -> None:
        """Answer any method; raises Refused."""
        method = request.headers.get("x-http-method-override", request.method).upper()
        if method == "OPTIONS":
            await send_answer(request.send, preflight(METHODS, self._abilities()))
            return
        try:
            grant = self._door.grant(token, "upload")
            _check_version(request)
            answer = await self._dispatch(method, request, grant, ident)
        except Refused as refused:
            refused.headers = {**VERSION, **refused.headers}
            raise
        if answer is not None:
            headers = {**NO_STORE, **VERSION, **answer.headers}
            await send_answer(request.send, replace(answer, headers=headers))

    async def _dispatch(
        self, method: str, request: Request, grant: Grant, ident: str
    ) -> Answer | None:
        if not ident:
            if method != "POST":
                raise MethodNotAllowed("POST", "OPTIONS")
            return await self._create(request, grant)
        if ident != grant.subject:
            raise NothingHere("There is no such upload under this link.")
        match method:
            case "HEAD":
                return await self._head(grant)
            case "PATCH":
                return await self._patch(request, grant)
            case "DELETE":
                return await self._delete(grant)
        raise MethodNotAllowed("HEAD", "PATCH", "DELETE", "OPTIONS")

    async def _create(self, request: Request, grant: Grant) -> Answer | None:
        header = request.headers.get("upload-metadata", "")
        wanted = Upload(grant.subject, _number(request, "upload-length"), filename(header), header)
        with_bytes = request.headers.get("content-type") == BYTES
        if with_bytes:
            check_length(request.content_length, 0, wanted.length or 0)
        await self._intake.stop(grant.subject)
        upload = await asyncio.to_thread(self._uploads.begin, wanted, limit=grant.limit)
        took = Took(self._uploads.offset(upload), cut=False)
        if with_bytes and not took.offset:
            took = await self._take(request, upload, 0)
        await self._give_if_whole(upload, took)
        place = f"{self._public_url}/g/{request.path.split('/')[2]}/uploads/{upload.key}"
        return None if took.cut else Answer(201, {"Location": place, **self._state(upload, took)})

    async def _head(self, grant: Grant) -> Answer:
        upload = await asyncio.to_thread(self._uploads.find, grant.subject)
        took = Took(self._uploads.offset(upload), cut=False)
        await self._give_if_whole(upload, took)
        headers = {**self._state(upload, took), "Upload-Length": str(upload.length)}
        if upload.metadata:
            headers["Upload-Metadata"] = upload.metadata
        return Answer(200, headers)

    async def _patch(self, request: Request, grant: Grant) -> Answer | None:
        if request.headers.get("content-type") != BYTES:
            raise WrongContentType(f"The bytes of an upload come as {BYTES}.")
        offset = _number(request, "upload-offset")
        upload = await asyncio.to_thread(self._uploads.find, grant.subject)
        check_length(request.content_length, offset, upload.length or 0)
        if upload.shown and offset == upload.length:
            took = Took(offset, cut=False)
        else:
            took = await self._take(request, upload, offset)
        await self._give_if_whole(upload, took)
        return None if took.cut else Answer(204, self._state(upload, took))

    async def _delete(self, grant: Grant) -> Answer:
        upload = await asyncio.to_thread(self._uploads.find, grant.subject)
        if upload.shown:
            raise AlreadyTaken("This upload has arrived: delete it where it is shown.")
        await self._intake.stop(upload.key)
        await asyncio.to_thread(self._uploads.remove, upload)
        return Answer(204)

    async def _take(self, request: Request, upload: Upload, offset: int) -> Took:
        checksum = checksums.parse(request.headers.get("upload-checksum"))
        limit = upload.length or 0
        return await self._intake.take(
            upload, offset, request.receive, limit=limit, checksum=checksum
        )

    async def _give_if_whole(self, upload: Upload, took: Took) -> None:
        if took.offset == upload.length and not upload.shown:
            await self._handover.give(upload)

    def _state(self, upload: Upload, took: Took) -> Mapping[str, str]:
        expires = formatdate(self._uploads.expires(upload), usegmt=True)
        return {"Upload-Offset": str(took.offset), "Upload-Expires": expires}

    def _abilities(self) -> Mapping[str, str]:
        return {
            **VERSION,
            "Tus-Version": "1.0.0",
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(self._uploads.most),
            "Tus-Checksum-Algorithm": ",".join(checksums.ALGORITHMS),
        }


def _check_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != "1.0.0":
        raise OtherVersion("This server speaks tus 1.0.0: say so in Tus-Resumable.")


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Malformed(f"{name.title()} must be a number of bytes.")
    return int(text)

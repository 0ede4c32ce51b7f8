"""GET and HEAD of content: by root CID, or by a name that stands for one."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from gateway import content_types, dispositions, ranges
from gateway.answers import Answer, send_answer, send_start
from gateway.asgi import Request
from gateway.delivery import Delivery
from gateway.door import Admitted, Doorkeeper
from gateway.hot import HotBlocks
from gateway.metering import Counting
from gateway.ranges import Span
from gateway.refusals import Malformed, MethodNotAllowed, NothingHere, Refused
from node_bridge import (
    BadBlock,
    BadCid,
    BadPath,
    Corrupt,
    NodeError,
    NotAFile,
    NotAFolder,
    NotFound,
    Stat,
    canonical,
)

NAMED_CACHE = "max-age=2"  # seconds: what lies behind a name grows while a video is being made


class BadBytes(Refused):
    """What is stored is damaged; none of it was sent."""

    status = 502


class NodeFailed(Refused):
    """The node cannot answer at all."""

    status = 503


class ContentRoutes:
    """/ipfs/<cid>/… and /live/<name>/…, open or under a grant."""

    def __init__(self, hot: HotBlocks, door: Doorkeeper, counting: Counting) -> None:
        self._hot = hot
        self._door = door
        self._counting = counting

    async def by_cid(self, request: Request, token: str | None, path: str) -> None:
        """Answer for `<cid>` or `<cid>/…`; raises Refused."""
        _only_reading(request)
        root, slash, rest = path.partition("/")
        with node_refusals():
            cid = canonical(root)
            admitted = await self._door.admit(token, cid)
            cache = admitted.cache_control(time.time())
            await self._answer(request, admitted, f"{cid}{slash}{rest}", cache)

    async def by_name(self, request: Request, token: str | None, path: str) -> None:
        """Answer for `<name>/…`; raises Refused."""
        _only_reading(request)
        name, slash, rest = path.partition("/")
        with node_refusals():
            cid, admitted = await self._door.follow(token, name)
            scope = "private" if admitted.grant else "public"
            playlist = rest.lower().endswith(".m3u8")
            cache = "no-store" if playlist else f"{scope}, {NAMED_CACHE}"
            await self._answer(request, admitted, f"{cid}{slash}{rest}", cache)

    async def _answer(self, request: Request, admitted: Admitted, path: str, cache: str) -> None:
        file = await self._hot.stat(path)
        if file.kind != "file":
            raise NothingHere("This is a folder: ask for a file in it.")
        headers = describe(request, path, file) | {"Cache-Control": cache}
        if _has_it(request, headers["ETag"]):
            await send_answer(request.send, Answer(304, headers))
            return
        span = _wanted(request, headers["ETag"], file.size)
        headers["Content-Length"] = str(span.length)
        if span.part:
            headers["Content-Range"] = span.content_range
        answer = Answer(206 if span.part else 200, headers)
        if request.method == "HEAD" or not span.length:
            await send_answer(request.send, answer)
            return
        delivery = Delivery(self._hot, file, span)
        await delivery.ready()
        await send_start(request.send, answer.status, headers)
        await delivery.send_to(request, partial(self._counting.add, admitted.key))


@contextmanager
def node_refusals() -> Iterator[None]:
    """What the node refuses, in the gateway's words."""
    try:
        yield
    except (NotFound, NotAFile, NotAFolder):
        raise NothingHere from None
    except (BadCid, BadPath) as error:
        raise Malformed(str(error)) from error
    except (Corrupt, BadBlock) as error:
        raise BadBytes("The bytes stored here are damaged, so they were not sent.") from error
    except NodeError as error:
        raise NodeFailed("The node cannot answer now: try again in a moment.") from error


def describe(request: Request, path: str, file: Stat) -> dict[str, str]:
    """The headers that say what a file is. Its CID is its ETag: the same bytes for ever."""
    last = path.rstrip("/").rpartition("/")[2]
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Type": content_types.by_name(request.query.get("filename") or last),
        "ETag": f'"{file.cid}"',
        "X-Ipfs-Path": dispositions.quoted(f"/ipfs/{path}"),
        "X-Ipfs-Roots": path.partition("/")[0],
    }
    disposition = dispositions.of(request.query, last)
    return headers | ({"Content-Disposition": disposition} if disposition else {})


def _only_reading(request: Request) -> None:
    if request.method not in {"GET", "HEAD"}:
        raise MethodNotAllowed("GET", "HEAD", "OPTIONS")


def _has_it(request: Request, etag: str) -> bool:
    """RFC 9110 §13.1.2: If-None-Match compares weakly."""
    tags = [tag.strip().removeprefix("W/") for tag in _header(request, "if-none-match").split(",")]
    return etag in tags or "*" in tags


def _wanted(request: Request, etag: str, size: int) -> Span:
    """The whole file for HEAD, and where If-Range names something else (RFC 9110 §13.1.5)."""
    condition = _header(request, "if-range").strip()
    if request.method == "HEAD" or (condition and condition != etag):
        return Span(0, size, size)
    return ranges.parse(_header(request, "range"), size)


def _header(request: Request, name: str) -> str:
    return request.headers.get(name, "")

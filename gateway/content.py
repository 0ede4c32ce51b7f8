"""GET and HEAD of content: by root CID, or by a name that stands for one."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import quote

from gateway import conditions, content_types, dispositions, formats
from gateway.answers import Answer, send_answer, send_start
from gateway.asgi import Request
from gateway.delivery import Delivery
from gateway.directories import Directories
from gateway.door import Doorkeeper
from gateway.formats import Wanted
from gateway.hot import HotBlocks
from gateway.metering import Counting
from gateway.node_failures import node_refusals
from gateway.places import Place, named, written
from gateway.refusals import Malformed, MethodNotAllowed, NothingHere, Refused
from gateway.sending import send_bytes, unchanged
from gateway.trustless import TrustlessRoutes
from node_bridge import NodeEngine, NotFound, Stat

NAMED_CACHE = "max-age=2"  # seconds: what lies behind a name grows while a video is being made
INDEX = "index.html"


class NotCached(Refused):
    """only-if-cached: it is not here, or not for everybody."""

    status = 412


class ContentRoutes:
    """/ipfs/<cid>/… and /live/<name>/…, open or under a grant.

    prefix: what stands before these paths in the addresses that clients see
    """

    def __init__(
        self,
        engine: NodeEngine,
        hot: HotBlocks,
        door: Doorkeeper,
        counting: Counting,
        *,
        prefix: str = "",
    ) -> None:
        self._engine = engine
        self._hot = hot
        self._door = door
        self._counting = counting
        self._prefix = prefix
        self._trustless = TrustlessRoutes(engine, hot, counting)
        self._directories = Directories(hot, counting)

    async def by_cid(self, request: Request, token: str | None, path: str) -> None:
        """Answer for `<cid>` or `<cid>/…` in the form that is wanted; raises Refused."""
        _only_reading(request)
        wanted = formats.wanted(request)
        asked, slash, rest = path.partition("/")
        with _only_if_cached(request), node_refusals():
            root, kept = named(asked)
            admitted = await self._door.admit(token, root)
            await self._check_cached(request, root)
            base = f"{self._prefix}/g/{token}/ipfs/" if token else f"{self._prefix}/ipfs/"
            cache = admitted.cache_control(time.time())
            place = Place(root, kept, slash + rest, asked, base, admitted, cache)
            await self._answer(request, place, wanted)

    async def by_name(self, request: Request, token: str | None, path: str) -> None:
        """Answer for `<name>/…`; raises Refused."""
        _only_reading(request)
        name, slash, rest = path.partition("/")
        with node_refusals():
            root, admitted = await self._door.follow(token, name)
            scope = "private" if admitted.grant else "public"
            playlist = rest.lower().endswith(".m3u8")
            cache = "no-store" if playlist else f"{scope}, {NAMED_CACHE}"
            below, base = slash + rest, f"{self._prefix}/ipfs/"
            place = Place(root, root, below, root, base, admitted, cache, listed=False)
            await self._answer(request, place, Wanted())

    async def _answer(self, request: Request, place: Place, wanted: Wanted) -> None:
        stat = await self._hot.stat(place.path)
        await self._check_served(place, stat)
        match wanted.format, stat.kind:
            case "raw", _:
                await self._trustless.raw(request, place, stat)
            case "car", _:
                await self._trustless.car(request, place, stat, wanted)
            case form, "block":
                await self._trustless.block(request, place, stat, form)
            case ("dag-json", _) | ("json", "dir"):
                await self._trustless.as_dag_json(request, place, stat)
            case ("dag-cbor", _) | ("cbor", "dir"):
                raise formats.NotOffered("Nothing is converted to CBOR here.")
            case _, "file":
                headers = place.headers(stat, etag=f'"{written(stat)}"')
                await self._file(request, place, stat, headers)
            case _, "symlink":
                await self._symlink(request, place, stat)
            case _:
                await self._folder(request, place, stat)

    async def _folder(self, request: Request, place: Place, stat: Stat) -> None:
        """Its index page where it has one, else its names."""
        if not place.listed:
            raise NothingHere("This is a folder: ask for a file in it.")
        if not place.below.endswith("/"):
            query = quote(request.query_string, safe="=&%+/:~")
            target = f"{place.address}/?{query}" if query else f"{place.address}/"
            moved = place.headers(stat) | {"Location": target}
            await send_answer(request.send, Answer(301, moved))
            return
        headers = place.headers(stat, etag=f'"{written(stat)}"')
        try:
            index = await self._hot.stat(f"{place.path}{INDEX}")
        except NotFound:
            await self._directories.send(request, place, stat)
            return
        await self._check_served(place, index, INDEX)
        if index.kind != "file":
            raise NothingHere("The index page of this folder is no file.")
        await self._file(request, place, index, headers, INDEX)

    async def _file(
        self, request: Request, place: Place, file: Stat, headers: dict[str, str], name: str = ""
    ) -> None:
        if await unchanged(request, headers):
            return
        span = conditions.span(request, headers["ETag"], file.size)
        headers |= await self._described(request, name or place.name, file)
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
        await delivery.send_to(request, partial(self._counting.add, place.admitted.key))

    async def _described(self, request: Request, name: str, file: Stat) -> dict[str, str]:
        """The headers that say what the bytes are and how to show them."""
        kind = content_types.by_name(request.query.get("filename") or name)
        if kind is None:
            kind = content_types.by_bytes(await self._hot.head(file, content_types.HEAD))
        headers = {"Accept-Ranges": "bytes", "Content-Type": kind}
        if kind in content_types.POLICIES:
            headers["Content-Security-Policy"] = content_types.POLICIES[kind]
        disposition = dispositions.of(request.query, name)
        return headers | ({"Content-Disposition": disposition} if disposition else {})

    async def _symlink(self, request: Request, place: Place, stat: Stat) -> None:
        """Where it points, as text: links are shown, and never followed."""
        headers = place.headers(stat, etag=f'"{written(stat)}"') | {
            "Content-Type": content_types.LINK
        }
        if await unchanged(request, headers):
            return
        sent = partial(self._counting.add, place.admitted.key)
        await send_bytes(request, stat.target.encode(), headers, sent)

    async def _check_served(self, place: Place, stat: Stat, name: str = "") -> None:
        """Whether the site declines this place or anything on the way to it; raises Declined."""
        path = f"{place.root}{place.below}{name}".rstrip("/")
        await self._door.check(path, stat.roots)

    async def _check_cached(self, request: Request, root: str) -> None:
        if _is_only_if_cached(request):
            here = self._hot.run(lambda: self._engine.has(root))
            if not await self._hot.in_time(here):
                raise NothingHere


@contextmanager
def _only_if_cached(request: Request) -> Iterator[None]:
    """Who only wants what is here is told so, and not whether it is private or elsewhere."""
    try:
        yield
    except NothingHere:
        if _is_only_if_cached(request):
            raise NotCached(
                "This is not here for everybody: it would have to be fetched."
            ) from None
        raise


def _is_only_if_cached(request: Request) -> bool:
    return "only-if-cached" in request.headers.get("cache-control", "").lower()


def _only_reading(request: Request) -> None:
    """No script of a stranger's may put itself between this origin and its readers, either."""
    if request.headers.get("service-worker", "").lower() == "script":
        raise Malformed("Nothing here may become a service worker.")
    if request.method not in {"GET", "HEAD"}:
        raise MethodNotAllowed("GET", "HEAD", "OPTIONS")

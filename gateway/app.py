"""The gateway: one ASGI application for all big bytes, in and out. It knows no cookies."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from gateway.answers import NO_STORE, Answer, preflight, refusal, send_answer, sentence
from gateway.asgi import Message, Receive, Request, Scope, Send
from gateway.collecting import leave_the_old_alone
from gateway.content import ContentRoutes
from gateway.counter import CounterRoutes
from gateway.door import Doorkeeper
from gateway.draining import Body
from gateway.forms import FormRoutes
from gateway.handover import Handover
from gateway.hot import HotBlocks
from gateway.intake import Intake
from gateway.metering import Counting
from gateway.node_failures import node_refusals
from gateway.refusals import MethodNotAllowed, NothingHere, Refused
from gateway.routing import RoutingRoutes
from gateway.seams import Site
from gateway.tus import TusRoutes
from gateway.uploads import Uploads
from node_bridge import Keyring, NodeEngine, heap

logger = logging.getLogger(__name__)


class Gateway:
    """Mount it under a server that waits in `send` (granian does).

    hot_bytes: most bytes of content held in memory
    public_url: origin and prefix for Location headers, where a proxy changes the path
    """

    def __init__(
        self,
        *,
        engine: NodeEngine,
        keyring: Keyring,
        site: Site,
        uploads: Uploads,
        hot_bytes: int = 256 << 20,
        public_url: str = "",
    ) -> None:
        self._engine = engine
        self._hot = HotBlocks(engine, most_bytes=hot_bytes, far=site.far)
        self._counting = Counting(site.meter)
        self._handover = Handover(uploads, site.receiver)
        door = Doorkeeper(site.door, keyring)
        prefix = urlsplit(public_url).path.rstrip("/")
        self._content = ContentRoutes(engine, self._hot, door, self._counting, prefix=prefix)
        intake = Intake(uploads)
        self._tus = TusRoutes(door, uploads, intake, self._handover, public_url=public_url)
        self._forms = FormRoutes(door, uploads, intake, self._handover)
        self._counter = CounterRoutes(site.counter) if site.counter else None
        self._routing = RoutingRoutes(site.router, door) if site.router else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, Body(receive), Started(send))

    async def _answer(self, scope: Scope, body: Body, send: "Started") -> None:
        """Every refusal leaves as its sentence, and every failure as one that tells nothing."""
        request = Request.of(scope, body, send)
        body.ended = not request.has_body
        try:
            await self._route(request)
        except Refused as refused:
            await self._refuse(request, send, refusal(refused))
        except Exception:
            logger.exception("A request failed")
            broken = sentence(500, "Something broke here: try again in a moment.")
            await self._refuse(request, send, broken)
        if not body.ended:
            await body.drain()

    async def _refuse(self, request: Request, send: "Started", answer: Answer) -> None:
        """An answer that has begun stays short instead, which its Content-Length shows."""
        if send.started:
            logger.warning("An answer broke off: %s", answer.body.decode().strip())
            return
        await send_answer(send, answer, head=request.method == "HEAD")

    async def _route(self, request: Request) -> None:
        token, kind, rest = split(request.path)
        if kind == "uploads" and token is not None:
            await self._upload(request, token, rest)
        elif kind in {"ipfs", "live"} and rest:
            if request.method == "OPTIONS":
                await send_answer(request.send, preflight("GET, HEAD, OPTIONS"))
            elif kind == "ipfs":
                await self._content.by_cid(request, token, rest)
            else:
                await self._content.by_name(request, token, rest)
        elif self._counter and (kind == "pay" or request.path == "/rpc") and token is None:
            await self._counter.answer(request)
        elif self._routing and kind == "routing" and token is None:
            await self._routing.answer(request)
        elif request.path == "/health":
            await self._health(request)
        else:
            raise NothingHere

    async def _upload(self, request: Request, token: str, rest: str) -> None:
        if rest == "form":
            await self._forms.take(request, token)
        else:
            await self._tus.answer(request, token, rest)

    async def _health(self, request: Request) -> None:
        if request.method not in {"GET", "HEAD"}:
            raise MethodNotAllowed("GET", "HEAD")
        with node_refusals():
            info = await asyncio.to_thread(self._engine.info)
        state = {"status": "ok", "engine": info.engine, "hot_bytes": self._hot.bytes}
        headers = {"Content-Type": "application/json", **NO_STORE}
        answer = Answer(200, headers, json.dumps(state).encode())
        await send_answer(request.send, answer, head=request.method == "HEAD")

    async def _live(self, receive: Receive, send: Send) -> None:
        """ASGI lifespan: check the engine, keep house while serving, hand over at the end."""
        await receive()
        heap.keep_what_is_freed()
        try:
            await asyncio.to_thread(self._engine.selftest)
        except Exception as error:  # whatever it is, a server without its chores must not start
            logger.exception("The gateway does not start")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        leave_the_old_alone()
        chores = [_begin(self._counting.run), _begin(self._handover.run)]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)
        await self._counting.hand_over()
        self._hot.close()
        await send({"type": "lifespan.shutdown.complete"})


class Started:
    """The way to the client, and whether anything has gone there."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        self.started = True
        await self._send(message)


def split(path: str) -> tuple[str | None, str, str]:
    """(grant, kind, rest) of `/g/<grant>/<kind>/<rest>` or `/<kind>/<rest>`."""
    token = None
    _, _, path = path.partition("/")
    if path.startswith("g/"):
        _, token, path = [*path.split("/", 2), ""][:3]
    kind, _, rest = path.partition("/")
    return token, kind, rest


def _begin(chore: Callable[[], Awaitable[None]]) -> "asyncio.Future[None]":
    return asyncio.ensure_future(chore())

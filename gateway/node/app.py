"""The node as one ASGI application: what it serves, and what it runs beside."""

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.answers import NO_STORE, Answer, preflight, refusal, send_answer, sentence
from gateway.app import Started
from gateway.asgi import Receive, Request, Scope, Send
from gateway.draining import Body
from gateway.node.control import ControlRoutes
from gateway.node.failures import Busy, Closed, QuotaExceeded
from gateway.node.leasing import Leasing, is_open
from gateway.node.reading import Reads
from gateway.node.running import Running
from gateway.node.seams import Chore
from gateway.refusals import Malformed, MethodNotAllowed, NothingHere, Refused
from node_bridge import BadCid, NodeError, OverQuota

MOST = 256  # requests under way
METHODS = "GET, HEAD, POST, PUT, DELETE, OPTIONS"
CORS = {"Access-Control-Allow-Headers": "Authorization, Content-Type, Range, If-None-Match"}

logger = logging.getLogger(__name__)


@dataclass
class NodeApp:
    """Mount it under a server that waits in `send` and speaks lifespan (granian does)."""

    leasing: Leasing
    reads: Reads
    control: ControlRoutes
    version: str
    chores: Sequence[Chore] = ()
    is_stopping: bool = False
    under_way: int = 0
    _rests: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await Running(self.chores).live(self.leasing.store, receive, send)
        elif scope["type"] == "http":
            self.under_way += 1
            self._rests.clear()
            try:
                await self._answer(scope, Body(receive), Started(send))
            finally:
                self.under_way -= 1
                if not self.under_way:
                    self._rests.set()

    async def idle(self) -> None:
        """Until no request is under way."""
        while self.under_way:
            await self._rests.wait()

    async def _answer(self, scope: Scope, body: Body, send: Started) -> None:
        """Every refusal leaves with its name, and every failure as one that tells nothing."""
        request = Request.of(scope, body, send)
        body.ended = not request.has_body
        try:
            await self._route(request)
        except Refused as refused:
            await self._refuse(request, send, refused)
        except OverQuota as error:
            await self._refuse(request, send, QuotaExceeded(str(error)))
        except BadCid as error:
            await self._refuse(request, send, Malformed(str(error)))
        except NodeError as error:
            logger.exception("The store or the book failed")
            await self._refuse(request, send, Closed(f"This node cannot answer now: {error}"))
        except Exception:
            logger.exception("A request failed")
            if not send.started:
                await send_answer(send, sentence(500, "Something broke here."))
        if not body.ended:
            await body.drain()

    async def _refuse(self, request: Request, send: Started, refused: Refused) -> None:
        """An answer that has begun stays short instead, which its length shows."""
        if send.started:
            logger.warning("An answer broke off: %s", refused)
            return
        answer = refusal(refused)
        if request.path.startswith("/wt/"):
            said = {"error": refused.name, "why": str(refused)}
            headers = {**answer.headers, "Content-Type": "application/json"}
            answer = Answer(answer.status, headers, json.dumps(said).encode())
        await send_answer(send, answer, head=request.method == "HEAD")

    async def _route(self, request: Request) -> None:
        _, kind, rest = request.path.split("/", 2) if request.path.count("/") > 1 else ("", "", "")
        if request.method == "OPTIONS" and kind in {"ipfs", "wt"}:
            await send_answer(request.send, preflight(METHODS, CORS))
        elif request.path == "/health":
            await self._health(request)
        elif self.is_stopping:
            raise Closed("This node is restarting: try again in a moment.")
        elif self.under_way > MOST:
            raise Busy("This node is busy: try again in a moment, or ask another.")
        elif kind == "ipfs" and rest:
            await self._read(request, rest)
        elif kind == "wt" and rest.startswith("v1/"):
            await self.control.answer(request, rest.removeprefix("v1/"))
        else:
            raise NothingHere("There is nothing at this address.")

    async def _read(self, request: Request, path: str) -> None:
        """Outside its hours a node says so, but for the empty probe that tells it is there."""
        if not path.startswith("bafkqaaa") and not self._is_open():
            raise Closed("This node is outside its hours.")
        await self.reads.answer(request, path)

    def _is_open(self) -> bool:
        return is_open(self.leasing.config, time.time())

    async def _health(self, request: Request) -> None:
        if request.method not in {"GET", "HEAD"}:
            raise MethodNotAllowed("GET", "HEAD")
        state = {
            "status": "stopping" if self.is_stopping else "ok",
            "peer_id": self.leasing.own,
            "version": self.version,
            "open": self._is_open(),
        }
        headers = {"Content-Type": "application/json", **NO_STORE}
        answer = Answer(200, headers, json.dumps(state).encode())
        await send_answer(request.send, answer, head=request.method == "HEAD")

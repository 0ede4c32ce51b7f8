"""/wt/v1/…: what the gateway asks of the node, and what clients hand in."""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gateway.answers import NO_STORE, Answer, send_answer
from gateway.asgi import Request
from gateway.node import auditing
from gateway.node.door import Door, body_of
from gateway.node.holdings import Holding
from gateway.node.leasing import Leasing
from gateway.node.pushing import Pushes
from gateway.node.seams import Payment
from gateway.refusals import Malformed, MethodNotAllowed, NothingHere
from node_bridge.network.statements import MAX_BYTES


class ControlRoutes:
    """Every call but receipts is the gateway's alone."""

    def __init__(
        self, leasing: Leasing, door: Door, payment: Payment | None, pushes: Pushes
    ) -> None:
        self._leasing = leasing
        self._door = door
        self._payment = payment
        self._pushes = pushes
        self._prover = ThreadPoolExecutor(1, thread_name_prefix="proof")  # no reader is before it

    async def answer(self, request: Request, path: str) -> None:
        """Answer for what follows /wt/v1/; raises a Refused."""
        kind, _, rest = path.partition("/")
        serial, _, part = rest.partition("/")
        match kind, serial, part:
            case "leases", "", "":
                await self._take(request)
            case "leases", _, "":
                await self._lease(request, serial)
            case "leases", _, "blocks":
                await self._push(request, serial)
            case "audits", "", "":
                await self._audit(request)
            case "receipts", "", "" if self._payment is not None:
                await self._receipt(request, self._payment)
            case _:
                raise NothingHere("There is nothing at this address.")

    async def _take(self, request: Request) -> None:
        _only(request, "POST")
        body = await self._door.body(request)
        self._door.admit_gateway(request, body)
        said = _object(body)
        lease, sources = said.get("lease"), said.get("sources", [])
        if not isinstance(lease, str) or not isinstance(sources, list):
            raise Malformed("A lease is due, and a list of sources.")
        holding = await asyncio.to_thread(self._leasing.take, lease, sources)
        await _send(request, 202, described(holding))

    async def _lease(self, request: Request, serial: str) -> None:
        _only(request, "GET", "DELETE")
        self._door.admit_gateway(request, b"")
        if request.method == "DELETE":
            await asyncio.to_thread(self._leasing.end, serial)
            await send_answer(request.send, Answer(204))
            return
        holding = await asyncio.to_thread(self._leasing.get, serial)
        await _send(request, 200, described(holding))

    async def _push(self, request: Request, serial: str) -> None:
        _only(request, "PUT")
        self._door.admit_gateway(request, None)
        holding = await self._pushes.take(serial, request)
        await _send(request, 200, described(holding))

    async def _audit(self, request: Request) -> None:
        _only(request, "POST")
        body = await self._door.body(request)
        self._door.admit_gateway(request, body)
        asked = auditing.Asked.of(_object(body))
        loop = asyncio.get_running_loop()
        root = await loop.run_in_executor(self._prover, auditing.answer, self._leasing, asked)
        await _send(request, 200, {"root": root})

    async def _receipt(self, request: Request, payment: Payment) -> None:
        _only(request, "POST")
        body = await body_of(request, MAX_BYTES)
        answer = await payment.receipt(body.decode("ascii", errors="replace").strip())
        await _send(request, 200, answer)


def described(holding: Holding) -> dict[str, Any]:
    """A lease as the gateway is told of it."""
    return {
        "serial": holding.serial,
        "state": holding.state,
        "have": holding.have,
        "size": holding.size,
        "until": holding.not_after,
        "error": holding.name,
        "why": holding.why,
    }


def _only(request: Request, *methods: str) -> None:
    if request.method not in methods:
        raise MethodNotAllowed(*methods)


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not JSON.") from error
    if not isinstance(said, dict):
        raise Malformed("The body is a JSON object.")
    return said


async def _send(request: Request, status: int, said: Mapping[str, Any]) -> None:
    headers = {"Content-Type": "application/json", **NO_STORE}
    await send_answer(request.send, Answer(status, headers, json.dumps(said).encode()))

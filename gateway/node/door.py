"""Who may do what on a node: the gateway by its signed requests, readers by what they pay."""

import asyncio
import time

from gateway.asgi import Request
from gateway.node.failures import NotAllowed, Stalled, TooLarge
from gateway.node.spent import Spent
from node_bridge.network import requests, statements
from node_bridge.network.identity import PeerId
from node_bridge.network.requests import Asked
from node_bridge.network.statements import Refused as Unreadable

MAX_BODY = 256 * 1024  # bytes of a request in JSON
SECONDS = 10.0  # for all of it to come


class Door:
    """`own` is this node, `gateway` whom it works for."""

    def __init__(self, own: PeerId, gateway: PeerId, spent: Spent) -> None:
        self._own = own
        self._gateway = gateway
        self._spent = spent

    async def body(self, request: Request) -> bytes:
        """The body of the gateway's request; of nobody else's is it waited for.

        Raises NotAllowed, TooLarge, Stalled. Whether body and request belong together is
        `admit_gateway`'s to say.
        """
        header = request.headers.get("authorization", "").removeprefix(requests.SCHEME)
        try:
            statements.read(
                header, statements.REQUEST, by=self._gateway, to=self._own, now=time.time()
            )
        except Unreadable as error:
            raise NotAllowed(f"{type(error).__name__}: {error}") from error
        return await body_of(request)

    def admit_gateway(self, request: Request, body: bytes | None) -> None:
        """Whether the gateway itself asks this, now, for the first time; raises NotAllowed."""
        header = request.headers.get("authorization", "")
        query = f"?{request.query_string}" if request.query_string else ""
        asked = Asked(request.method, f"{request.path}{query}", body)
        try:
            peer = requests.read(
                header, asked, to=self._own, now=time.time(), is_first=self._is_first
            )
        except Unreadable as error:
            raise NotAllowed(f"{type(error).__name__}: {error}") from error
        if peer != self._gateway:
            raise NotAllowed("Only this node's gateway may do this.")

    def _is_first(self, peer: PeerId, name: str, until: int) -> bool:
        """What strangers sign takes no room among what the gateway does."""
        return peer != self._gateway or self._spent.is_first(name, until)


async def body_of(request: Request, most: int = MAX_BODY) -> bytes:
    """The whole body; raises TooLarge, Stalled."""
    if (request.content_length or 0) > most:
        raise TooLarge(f"A body has at most {most} bytes here.")
    try:
        async with asyncio.timeout(SECONDS):
            return await _received(request, most)
    except TimeoutError:
        raise Stalled("The body did not come in time.") from None


async def _received(request: Request, most: int) -> bytes:
    pieces, size = [], 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise NotAllowed("The request broke off.")
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > most:
            raise TooLarge(f"A body has at most {most} bytes here.")
        if not message.get("more_body"):
            return b"".join(pieces)

"""GET and HEAD of what the node holds, in forms that prove themselves: blocks and archives.

IPFS trustless gateway specification. Bytes are sold: whoever asks shows an order limit, is the
gateway itself, or reads public content where the operator gives it away.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from gateway import formats
from gateway.answers import Answer, send_answer, send_start
from gateway.asgi import Request
from gateway.delivery import Gone
from gateway.formats import RAW, Format
from gateway.node import auditing, holdings
from gateway.node.door import Door
from gateway.node.failures import (
    Damaged,
    NotAcceptable,
    NotHeld,
    PaymentDue,
    RefusedContent,
    Stalled,
)
from gateway.node.holdings import Holding
from gateway.node.leasing import Leasing
from gateway.node.seams import FREE, Payment, Ticket, Wanted
from gateway.node.throttle import Throttle
from gateway.refusals import Malformed, MethodNotAllowed
from node_bridge import BadBlock, BadCid, BadPath, Corrupt, NodeError, NotFound, cid
from node_bridge.cid import LINKLESS, ParsedCid
from node_bridge.engine import Extent

PIECE = 1 << 18  # bytes sent at once
STALL = 60.0  # seconds a client may take nothing
FOREVER = "public, max-age=29030400, immutable"


@dataclass(frozen=True, slots=True)
class Answering:
    """An archive that is about to be sent."""

    extent: Extent
    headers: dict[str, str]
    ticket: Ticket


@dataclass
class Reads:
    """Everything below /ipfs/. `counts` collects what was served until it is written down."""

    leasing: Leasing
    door: Door
    payment: Payment | None
    throttle: Throttle
    counts: Counter[str]

    async def answer(self, request: Request, path: str) -> None:
        """Answer for `<cid>` or `<cid>/…`; raises a Refused."""
        if request.method not in {"GET", "HEAD"}:
            raise MethodNotAllowed("GET", "HEAD", "OPTIONS")
        name, _, below = path.partition("/")
        try:
            key = cid.parse(name)
        except BadCid as error:
            raise Malformed(str(error)) from error
        form = formats.wanted(request)
        if form.format not in {"raw", "car"}:
            raise NotAcceptable("This node serves blocks and archives: format=raw or format=car.")
        headers = {
            "Content-Type": RAW,
            "ETag": f'"{key}.raw"',
            "Cache-Control": FOREVER,
            "Vary": "Accept, Authorization",
            "X-Ipfs-Path": f"/ipfs/{key}",
        }
        if key.inline is not None:
            await send_answer(
                request.send, Answer(200, headers, key.inline), head=request.method == "HEAD"
            )
            return
        ticket = await self._ticket(request, key, form.format)
        if form.format == "raw":
            await self._raw(request, key, headers, ticket)
            return
        archive = formats.archive(request, form.details)
        headers["Content-Type"] = archive.media_type
        del headers["ETag"]
        path = f"{key}/{below}" if below else str(key)
        await self._car(request, path, Answering(archive.extent, headers, ticket))

    async def _ticket(self, request: Request, key: ParsedCid, form: Format) -> Ticket:
        """Whether this may be read; raises NotHeld, RefusedContent, PaymentDue, Unsigned."""
        header = request.headers.get("authorization", "")
        if header.startswith("WeTube "):
            self.door.admit_gateway(request, b"")
            await asyncio.to_thread(self._has, key, form)
            return FREE
        held = await asyncio.to_thread(self._held, key)
        if form == "car":
            held = await asyncio.to_thread(self._archived, key, held)
        is_open = any(holding.kind == "whole" for holding in held)
        if not header and is_open and self.leasing.config.free_reads:
            return FREE
        if self.payment is None:
            raise PaymentDue("This node gives its bytes to its gateway alone.")
        wanted = Wanted(str(key), frozenset(holding.cid for holding in held))
        return await self.payment.admit(header.removeprefix("Bearer "), wanted)

    def _has(self, key: ParsedCid, form: Format) -> None:
        """The gateway may fetch all that is here: results of jobs lie under no lease. Raises
        NotHeld, RefusedContent.
        """
        if not self.leasing.store.has(str(key)):
            raise NotHeld("This node does not keep this block.")
        held = holdings.kept_under(self.leasing.book, key.digest)
        if self._allowed(key, held) is None or (form == "car" and self._touches_refused(held)):
            raise RefusedContent("The operator of this node does not serve this content.")

    def _held(self, key: ParsedCid) -> list[Holding]:
        """The leases under which a block is held and may be served."""
        held = holdings.kept_under(self.leasing.book, key.digest)
        allowed = self._allowed(key, held)
        if allowed is None:
            raise RefusedContent("The operator of this node does not serve this content.")
        if not allowed:
            raise NotHeld("This node does not keep this block.")
        return allowed

    def _archived(self, key: ParsedCid, held: list[Holding]) -> list[Holding]:
        """The leases that promise all below a block; raises NotAcceptable, RefusedContent.

        They are those of its own CID: bytes that a stranger put into a leaf may read as a folder,
        whose links lead to what other leases hold.
        """
        whole = [holding for holding in held if cid.parse(holding.cid) == key]
        allowed = held if key.codec in LINKLESS else whole
        if not allowed:
            raise NotAcceptable("An archive begins at the root of a lease; single blocks do not.")
        if self._touches_refused(allowed):
            raise RefusedContent("The operator of this node does not serve part of this content.")
        return allowed

    def _touches_refused(self, held: list[Holding]) -> bool:
        refused = self.leasing.refused.digests()
        return any(holdings.holds_any(self.leasing.book, holding, refused) for holding in held)

    def _allowed(self, key: ParsedCid, held: list[Holding]) -> list[Holding] | None:
        """Those that the operator does not refuse; None when it is refused under all of them."""
        refused = self.leasing.refused.digests()
        if not refused:
            return held
        allowed = [holding for holding in held if cid.parse(holding.cid).digest not in refused]
        return None if key.digest in refused or (held and not allowed) else allowed

    async def _raw(
        self, request: Request, key: ParsedCid, headers: dict[str, str], ticket: Ticket
    ) -> None:
        if request.headers.get("if-none-match") == headers["ETag"]:
            await send_answer(request.send, Answer(304, headers))
            return
        data = await self._block(key)
        headers["Content-Length"] = str(len(data))
        if request.method == "HEAD":
            await send_answer(request.send, Answer(200, headers), head=True)
            return
        await ticket.sending(len(data))
        await send_start(request.send, 200, headers)
        await self._send(request, _at_once(data), ticket)

    async def _block(self, key: ParsedCid) -> bytes:
        try:
            return await asyncio.to_thread(self.leasing.store.get_block, str(key))
        except (Corrupt, NotFound) as error:
            await asyncio.to_thread(auditing.repair, self.leasing, key.digest)
            raise Damaged("The disk has spoiled this block; it is fetched anew.") from error

    async def _car(self, request: Request, path: str, wanted: Answering) -> None:
        headers, ticket = wanted.headers, wanted.ticket
        try:
            pieces = await asyncio.to_thread(self.leasing.store.export_car, path, wanted.extent)
        except (NotFound, BadPath) as error:
            raise NotHeld("There is nothing at this path.") from error
        except (BadBlock, NodeError) as error:
            raise Damaged(f"This cannot be read here: {error}") from error
        if request.method == "HEAD":
            await send_answer(request.send, Answer(200, headers), head=True)
            return
        await ticket.sending(0)
        await send_start(request.send, 200, headers)
        await self._send(request, _in_threads(pieces), ticket)

    async def _send(self, request: Request, pieces: AsyncIterator[bytes], ticket: Ticket) -> None:
        """As fast as the client takes it, the throttle lets it and it is paid for.

        What goes wrong midway leaves the answer short, which the client sees.
        """
        gone = Gone(request.receive)
        try:
            async for piece in pieces:
                for start in range(0, len(piece), PIECE):
                    part = piece[start : start + PIECE]
                    await ticket.sending(len(part))
                    await self.throttle.passing(len(part))
                    await _hand_over(request, part)
                    ticket.sent(len(part))
                    self.counts["served"] += len(part)
                if gone:
                    return
            await request.send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.close()


async def _hand_over(request: Request, part: bytes) -> None:
    """Raises Stalled when the client takes nothing for too long: it must not hold us for ever."""
    message = {"type": "http.response.body", "body": part, "more_body": True}
    try:
        await asyncio.wait_for(request.send(message), STALL)
    except TimeoutError:
        raise Stalled("The client takes nothing any more.") from None


async def _at_once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each read from the disk and checked while the loop goes on."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece

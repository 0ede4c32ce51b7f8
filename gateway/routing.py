"""/routing/v1/…: who has the bytes of an open CID, and where a peer is (Delegated Routing V1).

Formats: specs.ipfs.tech http-routing-v1, with filters by IPIP-484 and an empty list rather than
404 by IPIP-513. Only what is open to all is ever announced.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from email.utils import formatdate

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.answers import Answer, preflight, send_answer
from gateway.asgi import Request
from gateway.door import Doorkeeper
from gateway.refusals import Malformed, NothingHere, Refused
from gateway.seams import Peer, Router
from node_bridge import BadCid, Cid
from node_bridge.cid import BASE58, parse
from node_bridge.network import multiaddrs
from node_bridge.network.identity import PREFIX, BadPeerId, PeerId, peer_id, public_key

JSON, STREAM = "application/json", "application/x-ndjson"
MOST = 100  # records in one answer of JSON
FOUND, NOTHING = 300, 15  # seconds an answer may be kept
STALE = 3600  # seconds it may be used while a new one is asked for: a heartbeat or two
PEER_KEY = 0x72  # multicodec libp2p-key
UNKNOWN = "unknown"
METHODS = "GET, HEAD, OPTIONS"
LONGEST_FILTER, MOST_FILTERS, LONGEST_NAME = 1024, 32, 63


class Unreadable(Refused):
    """What stands in the path or the query is not what it should be."""

    status = 422


class NotOffered(Refused):
    """A part of the protocol that this router does not speak."""

    status = 501


class RoutingRoutes:
    """Everything below /routing/v1/."""

    def __init__(self, router: Router, door: Doorkeeper) -> None:
        self._router = router
        self._door = door

    async def answer(self, request: Request) -> None:
        """Raises Malformed for an unknown path, NotOffered, Unreadable."""
        version, kind, name = [*request.path.strip("/").split("/")[1:], "", "", ""][:3]
        is_known = request.path.count("/") == 4 and version == "v1" and name
        if not is_known or kind not in {"providers", "peers", "ipns"}:
            raise Malformed("This router has /routing/v1/providers/ and /routing/v1/peers/.")
        if request.method == "OPTIONS":
            await send_answer(request.send, preflight(METHODS))
            return
        if kind == "ipns" or request.method not in {"GET", "HEAD"}:
            raise NotOffered("This router only tells who has what, and where peers are.")
        filters = Filters(request)
        if kind == "providers":
            peers, title = await self._providers(_cid(name)), "Providers"
        else:
            peers, title = await self._peer(_peer_id(name)), "Peers"
        answer = written(filters.kept(peers), title, stream=wants_stream(request))
        await send_answer(request.send, answer, head=request.method == "HEAD")

    async def _providers(self, cid: Cid) -> Sequence[Peer]:
        try:
            await self._door.admit(None, cid)
        except NothingHere:
            return ()
        return await self._router.providers(cid)

    async def _peer(self, peer: PeerId | None) -> Sequence[Peer]:
        found = await self._router.peer(peer) if peer else None
        return (found,) if found else ()


class Filters:
    """`filter-addrs` and `filter-protocols` of IPIP-484; raises Unreadable."""

    def __init__(self, request: Request) -> None:
        addrs = _names(request.query.get("filter-addrs", ""))
        self._not = {name[1:] for name in addrs if name.startswith("!")}
        self._any = {name for name in addrs if not name.startswith("!")}
        self._protocols = set(_names(request.query.get("filter-protocols", "")))

    def kept(self, peers: Iterable[Peer]) -> list[Peer]:
        """Those that pass, each with the addresses that pass."""
        passed = (self._by_address(peer) for peer in peers if self._by_protocol(peer))
        return [peer for peer in passed if peer is not None]

    def _by_protocol(self, peer: Peer) -> bool:
        names = {name.lower() for name in peer.protocols} or {UNKNOWN}
        return not self._protocols or bool(names & self._protocols)

    def _by_address(self, peer: Peer) -> Peer | None:
        if not self._any and not self._not:
            return peer
        if not peer.addrs:
            return peer if UNKNOWN in self._any else None
        addrs = tuple(addr for addr in peer.addrs if self._passes(multiaddrs.protocols(addr)))
        return replace(peer, addrs=addrs) if addrs else None

    def _passes(self, names: frozenset[str]) -> bool:
        return not names & self._not and (not self._any or bool(names & self._any))


def written(peers: Sequence[Peer], title: str, *, stream: bool) -> Answer:
    """The answer: one JSON object, or a line for each record."""
    records = [_record(peer) for peer in peers]
    if stream:
        body = "".join(f"{json.dumps(record)}\n" for record in records)
    else:
        body = json.dumps({title: records[:MOST]})
    fresh = FOUND if records else NOTHING
    headers = {
        "Content-Type": STREAM if stream else JSON,
        "Cache-Control": f"public, max-age={fresh}, stale-while-revalidate={STALE}, "
        f"stale-if-error={STALE}",
        "Last-Modified": formatdate(usegmt=True),
        "Vary": "Accept",
        "Access-Control-Allow-Methods": METHODS,
    }
    return Answer(200, headers, body.encode())


def wants_stream(request: Request) -> bool:
    """Only who asks for lines by name gets them."""
    asked = request.headers.get("accept", "").lower().split(",")
    return any(re.match(rf"\s*{STREAM}\s*(;|$)", kind) for kind in asked)


def _record(peer: Peer) -> dict[str, object]:
    return {
        "Schema": "peer",
        "ID": peer.peer_id,
        "Addrs": list(peer.addrs),
        "Protocols": list(peer.protocols),
    }


def _cid(text: str) -> Cid:
    try:
        return str(parse(text))
    except BadCid as error:
        raise Unreadable(str(error)) from error


def _peer_id(text: str) -> PeerId | None:
    """The peer's name as it is kept; None for keys other than Ed25519, which nobody here has."""
    if text.startswith(("1", "Qm")):
        if len(text) > 64 or set(text) - set(BASE58):
            raise Unreadable("This is not a PeerId.")
        try:
            public_key(text)
        except BadPeerId:
            return None
        return text
    try:
        cid = parse(text)
    except BadCid as error:
        raise Unreadable("This is not a PeerId.") from error
    if cid.codec != PEER_KEY:
        raise Unreadable("This CID is not a PeerId: its codec is not libp2p-key.")
    head = PREFIX[2:]  # without the multihash's own two bytes
    if not cid.digest.startswith(head) or len(cid.digest) != len(head) + 32:
        return None
    return peer_id(Ed25519PublicKey.from_public_bytes(cid.digest[len(head) :]))


def _names(text: str) -> list[str]:
    names = [name.strip().lower() for name in text.split(",")] if text else []
    too_long = any(len(name) > LONGEST_NAME + 1 for name in names)
    if len(text) > LONGEST_FILTER or len(names) > MOST_FILTERS or too_long:
        raise Unreadable("There is more in this filter than any router needs to know.")
    return [name for name in names if name.strip("!")]

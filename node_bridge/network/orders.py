"""Orders: what a client may take from a node at the gateway's cost, and the client's word for it.

The gateway signs an order limit, the client signs receipts for all it has so far, the node hands
in the last receipt of each limit before it ends. Between nodes there is no gateway in the way:
who fetches signs a cumulative debt. The idea is Storj's orders and Swarm's SWAP.
Sizes are bytes, prices drops per GiB, times Unix seconds.
"""

import re
import secrets
from dataclasses import dataclass

from node_bridge.network import statements
from node_bridge.network.identity import BadPeerId, Identity, PeerId, public_key
from node_bridge.network.statements import DEBT, ORDER_LIMIT, RECEIPT, Malformed, NotYours, Refused

GIB = 1 << 30
WINDOW = 4 << 20  # bytes a node sends past the last receipt before it waits for the next one
MOST = (1 << 53) - 1  # of any number here: a browser counts as far exactly

_SERIAL = re.compile(r"[\w-]{16,43}", re.ASCII)


class OverLimit(Refused):
    """A receipt for more bytes than its order limit allows."""


class TooShort(Refused):
    """A receipt that stops counting before its order limit does."""


class Backwards(Refused):
    """A receipt or a debt for less than was signed before."""


@dataclass(frozen=True, slots=True)
class OrderLimit:
    """`client` may take `max_bytes` of what lies under `root` from `node`; the gateway pays."""

    gateway: PeerId
    client: PeerId
    node: PeerId
    serial: str
    root: str
    max_bytes: int
    price: int
    expires: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """`client` has `size` bytes from `node` so far, under the order limit `serial`."""

    client: PeerId
    node: PeerId
    serial: str
    size: int
    expires: int


@dataclass(frozen=True, slots=True)
class Debt:
    """`debtor` owes `creditor` so many drops for all it ever fetched from it."""

    debtor: PeerId
    creditor: PeerId
    total: int
    expires: int


def new_serial() -> str:
    """A serial nobody can guess and no limit had before."""
    return secrets.token_urlsafe(16)


def cost(size: int, price: int) -> int:
    """Drops for `size` bytes at `price` drops a GiB, rounded up: no bytes are for nothing."""
    return -(-size * price // GIB)


def issue(gateway: Identity, limit: OrderLimit) -> str:
    """The limit, signed by the gateway it names; raises NotYours, Malformed."""
    if limit.gateway != gateway.peer_id:
        raise NotYours("An order limit is signed by the gateway it names.")
    claims = {
        "sub": limit.client,
        "aud": limit.node,
        "jti": limit.serial,
        "root": limit.root,
        "max_bytes": limit.max_bytes,
        "price": limit.price,
        "exp": limit.expires,
    }
    return statements.state(gateway, ORDER_LIMIT, claims)


def read_limit(token: str, *, by: PeerId | None, to: PeerId | None, now: float) -> OrderLimit:
    """The limit `by` a gateway and `to` a node, where these are given; raises a Refused."""
    claims = statements.read(token, ORDER_LIMIT, by=by, to=to, now=now)
    return OrderLimit(
        gateway=claims["iss"],
        client=_peer(claims, "sub"),
        node=_peer(claims, "aud"),
        serial=_serial(claims),
        root=statements.text(claims, "root", most=120),
        max_bytes=statements.whole(claims, "max_bytes", most=MOST),
        price=statements.whole(claims, "price", most=MOST),
        expires=claims["exp"],
    )


def sign(client: Identity, limit: OrderLimit, size: int) -> str:
    """The client's word that `size` bytes have come so far; raises OverLimit, NotYours."""
    if limit.client != client.peer_id:
        raise NotYours("A receipt is signed by the client its order limit names.")
    if size > limit.max_bytes:
        raise OverLimit(f"The order limit allows {limit.max_bytes} bytes, not {size}.")
    claims = {"aud": limit.node, "jti": limit.serial, "bytes": size, "exp": limit.expires}
    return statements.state(client, RECEIPT, claims)


def read_receipt(
    token: str, *, by: PeerId | None = None, to: PeerId | None = None, now: float
) -> Receipt:
    """The receipt, its signature checked; raises a Refused. `check` holds it against its limit."""
    claims = statements.read(token, RECEIPT, by=by, to=to, now=now)
    return Receipt(
        client=claims["iss"],
        node=_peer(claims, "aud"),
        serial=_serial(claims),
        size=statements.whole(claims, "bytes", most=MOST),
        expires=claims["exp"],
    )


def check(receipt: Receipt, limit: OrderLimit) -> None:
    """Whether the receipt is for this limit, within it, and counts as long as it does.

    Whoever takes a receipt now hands it in later. Raises NotYours, OverLimit, TooShort.
    """
    if receipt.serial != limit.serial or receipt.node != limit.node:
        raise NotYours("The receipt is for another order limit.")
    if receipt.client != limit.client:
        raise NotYours("The receipt is signed by somebody else than the order limit names.")
    if receipt.size > limit.max_bytes:
        raise OverLimit(f"The order limit allows {limit.max_bytes} bytes, not {receipt.size}.")
    if receipt.expires < limit.expires:
        raise TooShort("The receipt would stop counting before its order limit ends.")


def owe(debtor: Identity, *, creditor: PeerId, total: int, expires: int) -> str:
    """The debtor's word that it owes `total` drops in all; raises Malformed, NotYours."""
    if creditor == debtor.peer_id:
        raise NotYours("Nobody owes coin to themselves.")
    return statements.state(debtor, DEBT, {"aud": creditor, "total": total, "exp": expires})


def read_debt(
    token: str, *, by: PeerId | None = None, to: PeerId | None = None, now: float
) -> Debt:
    """The debt, its signature checked; raises a Refused."""
    claims = statements.read(token, DEBT, by=by, to=to, now=now)
    creditor = _peer(claims, "aud")
    if creditor == claims["iss"]:
        raise NotYours("Nobody owes coin to themselves.")
    total = statements.whole(claims, "total", most=MOST)
    return Debt(claims["iss"], creditor, total, claims["exp"])


def _serial(claims: statements.Claims) -> str:
    serial = statements.text(claims, "jti", most=43)
    if not _SERIAL.fullmatch(serial):
        raise Malformed("This is not the serial of an order limit.")
    return serial


def _peer(claims: statements.Claims, name: str) -> PeerId:
    peer = statements.text(claims, name, most=64)
    try:
        public_key(peer)
    except BadPeerId as error:
        raise Malformed(f"The claim {name} is not a PeerId.") from error
    return peer

"""A lease as it is signed: the gateway promises to pay, until a date, for what a node keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from node_bridge import cid as cids
from node_bridge.cid import Cid
from node_bridge.errors import BadCid
from node_bridge.network import statements
from node_bridge.network.identity import Identity, PeerId
from node_bridge.network.statements import Malformed

GIB = 1 << 30
MONTH = 30 * 86_400  # seconds; prices are per GiB and this long
MAX_SIZE = 1 << 42  # bytes of one lease
MAX_PRICE = 1 << 50  # drops

Kind = Literal["whole", "shard"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What both sides agreed to. Times are Unix seconds, `size` bytes of all blocks under `cid`,
    `price` drops a GiB and 30 days.
    """

    serial: str
    node: PeerId
    cid: Cid
    size: int
    not_before: int
    not_after: int
    price: int
    kind: Kind

    def worth(self, seconds: int) -> int:
        """Drops for so long, rounded down."""
        return worth(price=self.price, size=self.size, seconds=seconds)


def worth(*, price: int, size: int, seconds: int) -> int:
    """Drops for keeping `size` bytes for so long at `price`, rounded down."""
    return price * size * seconds // (GIB * MONTH)


def write(terms: Terms, gateway: Identity) -> str:
    """The lease, signed by the gateway."""
    claims = {
        "aud": terms.node,
        "jti": terms.serial,
        "cid": terms.cid,
        "size": terms.size,
        "nbf": terms.not_before,
        "exp": terms.not_after,
        "price": terms.price,
        "kind": terms.kind,
    }
    return statements.state(gateway, statements.LEASE, claims)


def read(token: str, *, gateway: PeerId, node: PeerId, now: float) -> Terms:
    """The terms of a lease that `gateway` signed for `node`; raises statements.Refused."""
    claims = statements.read(token, statements.LEASE, by=gateway, to=node, now=now)
    not_before = statements.whole(claims, "nbf")
    if not_before >= claims["exp"]:
        raise Malformed("The lease ends before it begins.")
    return Terms(
        serial=_serial(claims),
        node=node,
        cid=_cid(claims),
        size=statements.whole(claims, "size", most=MAX_SIZE),
        not_before=not_before,
        not_after=claims["exp"],
        price=statements.whole(claims, "price", most=MAX_PRICE),
        kind=_kind(claims),
    )


def _serial(claims: Mapping[str, Any]) -> str:
    """It becomes a part of paths, so letters and digits alone."""
    serial = statements.text(claims, "jti", most=64)
    if not (serial.isascii() and serial.isalnum()):
        raise Malformed("A serial is made of letters and digits.")
    return serial


def _cid(claims: Mapping[str, Any]) -> Cid:
    try:
        return cids.canonical(statements.text(claims, "cid"))
    except BadCid as error:
        raise Malformed(f"The lease is for no CID: {error}") from error


def _kind(claims: Mapping[str, Any]) -> Kind:
    match claims.get("kind"):
        case "whole":
            return "whole"
        case "shard":
            return "shard"
    raise Malformed('A lease is of the kind "whole" or "shard".')

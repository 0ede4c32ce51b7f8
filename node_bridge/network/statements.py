"""Signed statements: short JSON claims as compact JWS (RFC 7515, RFC 8037), signed by a PeerId.

The `typ` header names the kind, the claim `iss` who signed, `aud` for whom it is,
`exp` until when it counts. Times are Unix seconds, sizes bytes, prices drops.
"""

import re
from collections.abc import Mapping
from typing import Any

import jwt
from jwt.types import Options

from node_bridge.network.identity import BadPeerId, Identity, PeerId, public_key

Claims = dict[str, Any]

LEASE = "wt-lease+jwt"
ORDER_LIMIT = "wt-order-limit+jwt"
RECEIPT = "wt-receipt+jwt"
REQUEST = "wt-request+jwt"
DEBT = "wt-debt+jwt"
NODE = "wt-node+jwt"

MAX_BYTES = 8 * 1024  # of one statement
ALGORITHM = "EdDSA"
# Three parts in base64url; a signature of 64 bytes ends in a letter with four zero bits.
COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]", re.ASCII)
LATEST = 1 << 53  # seconds; every JSON reader counts as far exactly


class Refused(Exception):
    """A statement that does not count; the message says why."""


class Malformed(Refused):
    """Not a statement at all: too long, not a JWS, claims missing or of another type."""


class WrongKind(Refused):
    """A statement of another kind than was asked for."""


class Forged(Refused):
    """The signature is not that of whom the statement names."""


class NotYours(Refused):
    """Signed by, or meant for, somebody else."""


class Expired(Refused):
    """Its time has passed."""


def state(identity: Identity, typ: str, claims: Mapping[str, Any]) -> str:
    """The statement, signed; `iss` is put in. Raises Malformed without `exp` or past 8 KiB."""
    claims = {**claims, "iss": identity.peer_id}
    _until(claims)
    token = jwt.encode(claims, identity.key, algorithm=ALGORITHM, headers={"typ": typ})
    if len(token) > MAX_BYTES:
        raise Malformed(f"A statement has at most {MAX_BYTES} bytes, not {len(token)}.")
    return token


def read(
    token: str, typ: str, *, by: PeerId | None, now: float, to: PeerId | None = None
) -> Claims:
    """The claims of a statement of kind `typ`, its signature and `exp` checked.

    by: who must have signed it, or None for whom it names in `iss`
    to: whom `aud` must name, or None for anybody
    Raises a Refused. `nbf` and all other claims are the caller's to judge.
    """
    _check_header(token, typ)
    issuer = _issuer(token)
    if by is not None and issuer != by:
        raise NotYours("The statement is signed by somebody else.")
    claims = _verified(token, issuer)
    if to is not None and claims.get("aud") != to:
        raise NotYours("The statement is meant for somebody else.")
    if _until(claims) <= now:
        raise Expired("The statement's time has passed.")
    return claims


def _check_header(token: str, typ: str) -> None:
    if len(token) > MAX_BYTES or not COMPACT.fullmatch(token):
        raise Malformed("This is not a signed statement.")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise Malformed("The statement's header cannot be read.") from error
    if header.keys() != {"alg", "typ"} or header["alg"] != ALGORITHM:
        raise Malformed("A statement's header holds typ and alg EdDSA, and nothing else.")
    if header["typ"] != typ:
        raise WrongKind(f"A statement of kind {typ} was due.")


def _issuer(token: str) -> PeerId:
    """Who says to have signed it: a name to check the signature by, not yet believed."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise Malformed("The statement's claims cannot be read.") from error
    issuer = claims.get("iss")
    if not isinstance(issuer, str):
        raise Malformed("The statement does not say who signed it.")
    return issuer


def _verified(token: str, issuer: PeerId) -> Claims:
    options: Options = {
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "verify_aud": False,
        "verify_sub": False,
        "verify_jti": False,
    }
    try:
        key = public_key(issuer)
        claims: Claims = jwt.decode(token, key, algorithms=[ALGORITHM], options=options)
    except BadPeerId as error:
        raise Malformed("The statement names nobody who could have signed it.") from error
    except jwt.InvalidSignatureError as error:
        raise Forged("The statement's signature does not hold.") from error
    except (jwt.PyJWTError, ValueError) as error:
        raise Malformed(f"The statement cannot be read: {error}") from error
    return claims


def _until(claims: Mapping[str, Any]) -> int:
    return whole(claims, "exp", most=LATEST)


def whole(claims: Mapping[str, Any], name: str, *, most: int = LATEST) -> int:
    """The claim `name`, a whole number from 0 to `most`; raises Malformed."""
    value = claims.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise Malformed(f"The claim {name} is a whole number from 0 to {most}.")
    return value


def text(claims: Mapping[str, Any], name: str, *, most: int = 256) -> str:
    """The claim `name`, one to `most` letters that can be shown and kept; raises Malformed."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
        raise Malformed(f"The claim {name} is a text of 1 to {most} letters.")
    return value

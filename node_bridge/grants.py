"""Grants: short signed permissions that travel in a URL's path.

A token is base64url(payload + MAC). The payload is one byte for the verb and
the subject's form, five bytes of expiry (unix seconds), the limit as a varint,
then subject and key, each behind its length. The MAC is HMAC-SHA256 cut to 128
bits. A subject that is a CID travels in its binary form, so that a read grant
stays under 100 characters.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from node_bridge import cid, varint
from node_bridge.errors import BadCid

Verb = Literal["read", "upload"]

CODES: dict[Verb, int] = {"read": 1, "upload": 2}
VERBS: dict[int, Verb] = {code: verb for verb, code in CODES.items()}
AS_CID = 0x80  # the verb's high bit: the subject is a binary CID
MAC = 16  # bytes
DOMAIN = b"wetube grant 1:"  # nothing else signed with the same secret can pass for a grant
MAX_TOKEN = 512  # characters; nothing longer is looked at


class GrantRefused(Exception):
    """This token opens nothing."""


class GrantForged(GrantRefused):
    """No key of ours signed exactly this token."""


class GrantExpired(GrantRefused):
    """The grant was ours and its time is over."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Who holds it may do `verb` to `subject` until `expires`.

    subject: a root CID, a name or an upload key, ≤ 127 bytes of UTF-8
    expires: unix seconds; limit: most bytes of an upload; key: id for metering, ≤ 63 bytes
    """

    verb: Verb
    subject: str
    expires: int
    limit: int = 0
    key: str = ""

    def __post_init__(self) -> None:
        if self.verb not in CODES:
            raise ValueError(f"A grant is for reading or uploading, not {self.verb!r}.")
        if not 0 < len(self.subject.encode()) <= 127 or len(self.key.encode()) > 63:
            raise ValueError("A grant's subject has 1 to 127 bytes, its key at most 63.")
        if not 0 <= self.expires < 1 << 40 or not 0 <= self.limit < 1 << 63:
            raise ValueError("A grant's expiry or limit is out of range.")


class Keyring:
    """Signs with its first secret and accepts any, so that secrets can be rotated."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets or any(len(secret) < 16 for secret in secrets):
            raise ValueError("A keyring needs at least one secret, each of 16 bytes or more.")
        # Begun once and copied for each token: deriving the key takes longer than the rest.
        self._macs = tuple(hmac.new(secret, DOMAIN, "sha256") for secret in secrets)

    def sign(self, grant: Grant) -> str:
        payload = _pack(grant)
        return _to_text(payload + _mac(self._macs[0], payload))

    def open(self, token: str, *, now: float) -> Grant:
        """The grant inside; raises GrantForged or GrantExpired."""
        data = _from_text(token)
        payload, mac = data[:-MAC], data[-MAC:]
        matches = [hmac.compare_digest(_mac(begun, payload), mac) for begun in self._macs]
        if not any(matches):
            raise GrantForged("This link was not signed here.")
        grant = _unpack(payload)
        if now >= grant.expires:
            raise GrantExpired("This link has expired.")
        return grant


def _mac(begun: hmac.HMAC, payload: bytes) -> bytes:
    own = begun.copy()
    own.update(payload)
    return own.digest()[:MAC]


def _pack(grant: Grant) -> bytes:
    form, subject = _pack_subject(grant.subject)
    key = grant.key.encode()
    head = bytes([CODES[grant.verb] | form]) + grant.expires.to_bytes(5, "big")
    return b"".join((head, varint.encode(grant.limit), _sized(subject), _sized(key)))


def _unpack(payload: bytes) -> Grant:
    """Only ever given payloads that we signed."""
    form, expires = payload[0], int.from_bytes(payload[1:6], "big")
    limit, place = varint.decode(payload, 6)
    subject, place = _take(payload, place)
    key, _ = _take(payload, place)
    name = str(cid.decode(subject)) if form & AS_CID else subject.decode()
    return Grant(VERBS[form & ~AS_CID], name, expires, limit, key.decode())


@lru_cache(maxsize=4096)  # one film is granted to many, thousands a second
def _pack_subject(subject: str) -> tuple[int, bytes]:
    try:
        parsed = cid.parse(subject)
    except BadCid:
        return 0, subject.encode()
    return (AS_CID, bytes(parsed)) if str(parsed) == subject else (0, subject.encode())


def _sized(data: bytes) -> bytes:
    return bytes([len(data)]) + data


def _take(payload: bytes, place: int) -> tuple[bytes, int]:
    end = place + 1 + payload[place]
    return payload[place + 1 : end], end


def _to_text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _from_text(token: str) -> bytes:
    """The bytes of a token in its one canonical writing."""
    if len(token) > MAX_TOKEN or not token.isascii():
        raise GrantForged("This link was not signed here.")
    try:
        data = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except NotBase64 as error:
        raise GrantForged("This link was not signed here.") from error
    if len(data) <= MAC or _to_text(data) != token:
        raise GrantForged("This link was not signed here.")
    return data

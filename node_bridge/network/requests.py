"""Who is asking: a request between node and gateway, signed with its method, path and body.

It goes along as `Authorization: WeTube <statement>` and counts once, within a minute.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex

from node_bridge.network import statements
from node_bridge.network.identity import Identity, PeerId
from node_bridge.network.statements import Expired, Forged, Malformed, Refused, text, whole

SCHEME = "WeTube "
LASTS = 60  # seconds
STREAMED = "streamed"
SKEW = 10  # seconds a clock may be ahead

IsFirst = Callable[[PeerId, str, int], bool]
"""Remembers (who, the request's random number, until when); False where it was there before."""


class Replayed(Refused):
    """This very request was answered before."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: path with its query, and the whole body.

    None stands for a body that streams and proves itself, as the blocks of a CAR do.
    """

    method: str
    path: str
    body: bytes | None = b""

    @property
    def digest(self) -> str:
        return STREAMED if self.body is None else sha256(self.body).hexdigest()


def write(asked: Asked, identity: Identity, *, to: PeerId, now: float) -> str:
    """The header's value for one request."""
    claims = {
        "aud": to,
        "iat": int(now),
        "exp": int(now) + LASTS,
        "jti": token_hex(16),
        "method": asked.method,
        "path": asked.path,
        "body": asked.digest,
    }
    return SCHEME + statements.state(identity, statements.REQUEST, claims)


def read(header: str, asked: Asked, *, to: PeerId, now: float, is_first: IsFirst) -> PeerId:
    """Who asks this; raises statements.Refused.

    `is_first` is asked last, so that only a good request is remembered.
    """
    if not header.startswith(SCHEME):
        raise Malformed("A signed request is due: Authorization: WeTube <statement>.")
    statement = header.removeprefix(SCHEME)
    claims = statements.read(statement, statements.REQUEST, by=None, to=to, now=now)
    at, until = whole(claims, "iat"), claims["exp"]
    if at > now + SKEW or not 0 < until - at <= LASTS:
        raise Expired(f"A request counts for {LASTS} seconds, from now on. Is the clock right?")
    said = (claims.get("method"), claims.get("path"), claims.get("body"))
    if said != (asked.method, asked.path, asked.digest):
        raise Forged("The statement was signed for another request.")
    peer: PeerId = claims["iss"]
    if not is_first(peer, text(claims, "jti", most=64), until):
        raise Replayed("This request was answered before.")
    return peer

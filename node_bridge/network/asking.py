"""One request to one node: for a block, which is verified, or to hand something in.

Trustless Gateway specification: `GET /ipfs/<cid>?format=raw` answers with the block's bytes.
"""

import http.client
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse

from node_bridge import cid
from node_bridge.cid import ParsedCid
from node_bridge.engine import MAX_BLOCK
from node_bridge.network.connections import Call, Connections, Line
from node_bridge.network.failures import (
    Busy,
    Cancelled,
    CutShort,
    Encoded,
    Garbled,
    Lied,
    NotAllowed,
    NotHeld,
    Oversized,
    PeerFailed,
    Redirected,
    TooSlow,
    Unreached,
)
from node_bridge.network.providers import Provider

RAW_BLOCK = "application/vnd.ipld.raw"
ARCHIVE = "application/vnd.ipld.car"
SMALL = 1 << 16  # bytes of a refusal that are read, so that its line can be used again
REFUSALS: dict[int, type[PeerFailed]] = {
    401: NotAllowed,
    402: NotAllowed,
    403: NotAllowed,
    404: NotHeld,
    410: NotHeld,
    429: Busy,
    451: NotHeld,
    503: Busy,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request, before it goes to anybody. `authorization` is that header, "" for none."""

    method: str
    target: str
    authorization: str = ""
    body: bytes | None = None

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Accept": RAW_BLOCK, "User-Agent": "WeTube"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        if self.body is not None:
            headers["Content-Type"] = "application/jose"
        return headers


def target(key: ParsedCid) -> str:
    return f"/ipfs/{key}?format=raw"


def block(
    connections: Connections, provider: Provider, key: ParsedCid, call: Call, authorization: str
) -> bytes:
    """The block, verified, before the call ends; raises a PeerFailed that says what went wrong."""
    data = exchange(connections, provider, call, Wanted("GET", target(key), authorization))
    if not cid.is_sound(data, key.digest):
        raise Lied(f"{provider.url} sent bytes that are not {key}.")
    return data


def exchange(connections: Connections, provider: Provider, call: Call, wanted: Wanted) -> bytes:
    """The body of a good answer, at most MAX_BLOCK bytes; raises a PeerFailed.

    A spare line may have died unseen: then a new one is used, once.
    """
    with _named(provider, call):
        with connections.line(provider, call) as line:
            try:
                answer = _ask(line, call, wanted)
            except ConnectionError:
                if not line.is_used or call.is_cancelled:
                    raise
            else:
                return _body(line, answer)
        with connections.line(provider, call, fresh=True) as line:
            return _body(line, _ask(line, call, wanted))


def hand_over(
    connections: Connections,
    provider: Provider,
    call: Call,
    wanted: Wanted,
    pieces: Iterable[bytes],
) -> bytes:
    """The same with a body that is made as it goes, and so is sent once, over a new line."""
    with _named(provider, call), connections.line(provider, call, fresh=True) as line:
        headers = wanted.headers | {"Content-Type": ARCHIVE}
        return _body(line, line.request(call, wanted.method, wanted.target, headers, pieces))


def _ask(line: Line, call: Call, wanted: Wanted) -> HTTPResponse:
    return line.request(call, wanted.method, wanted.target, wanted.headers, wanted.body)


def _body(line: Line, answer: HTTPResponse) -> bytes:
    """All of a good answer; the line is free again when there is nothing more on it."""
    if 300 <= answer.status < 400:
        raise Redirected("The node points elsewhere.")
    if answer.status not in {200, 201, 202, 204}:
        if answer.length is not None and answer.length <= SMALL:
            _read(answer, answer.length)
            _free(line, answer)
        kind = REFUSALS.get(answer.status, Garbled)
        why = re.sub(r"[^a-z-]", "", answer.getheader("X-Refusal", "")[:60])  # gateway/node says so
        raise kind(f"The node answers {answer.status} {why}".rstrip() + ".")
    if answer.getheader("Content-Encoding", "identity").lower() != "identity":
        raise Encoded("The node sends encoded bytes, though plain ones were asked for.")
    if answer.length is not None and answer.length > MAX_BLOCK:
        raise Oversized(f"The node announces {answer.length} bytes.")
    data = _read(answer, answer.length)
    _free(line, answer)
    return data


def _free(line: Line, answer: HTTPResponse) -> None:
    answer.close()
    if not answer.will_close:
        line.rest()


def _read(answer: HTTPResponse, length: int | None) -> bytes:
    """The body, of known length or to its end; raises Oversized, CutShort."""
    try:
        data = answer.read(MAX_BLOCK + 1 if length is None else length)
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException) as error:
        raise CutShort(f"The body broke off: {error!r}.") from error
    if len(data) > MAX_BLOCK:
        raise Oversized(f"The body goes on past {MAX_BLOCK} bytes.")
    if length is not None and len(data) < length:
        raise CutShort(f"The body has {len(data)} bytes instead of {length}.")
    return data


@contextmanager
def _named(provider: Provider, call: Call) -> Iterator[None]:
    """Whatever goes wrong on the way, in the words of `failures`."""
    try:
        yield
    except (PeerFailed, OSError, http.client.HTTPException) as error:
        if call.is_cancelled:
            raise Cancelled(f"{provider.url} was given up.") from error
        if isinstance(error, PeerFailed):
            raise
        kind: type[PeerFailed] = Unreached
        if isinstance(error, TimeoutError):
            kind = TooSlow
        elif not isinstance(error, OSError):
            kind = Garbled
        raise kind(f"{provider.url}: {error!r}.") from error

"""Fetching a list of refusals from where somebody publishes it: a denylist, or one like ours.

The address is the operator's choice and still a stranger's machine: https to public addresses
alone, no redirect, so many bytes and so many seconds.
"""

import http.client
import json
import time
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from node_bridge import denylists
from node_bridge.denylists import Denylist, NotAList
from node_bridge.network import addresses, statements
from node_bridge.network.connections import Call, Connections, Line
from node_bridge.network.failures import BadAddress, PeerFailed
from node_bridge.network.providers import Provider
from wetube.nodes import calling
from wetube.nodes.models.foreign_lists import ETAG_LENGTH, URL_LENGTH

KIND = "wt-refusals+jwt"  # the first line of a list that a gateway like ours signs
SECONDS = 120.0  # for all of it
MOST_BYTES = 80 << 20
MOST_LINES = 1_000_000
PIECE = 1 << 20


class BadListAddress(ValueError):
    """No list is fetched from such an address; the message says why."""


class NotFetched(Exception):
    """What came is no list, or nothing came; the message says why."""


@dataclass(frozen=True)
class Fetched:
    """A list, what its server calls this state of it, and who signed it ("" for nobody)."""

    found: Denylist
    etag: str
    signer: str


def check(url: str) -> None:
    """Raises BadListAddress. Where the name leads is checked at each fetch."""
    _parted(url)


def fetch(url: str, *, etag: str, signer: str) -> Fetched | None:
    """The list, None if it is as it was; raises NotFetched.

    etag: what its server called it last time; signer: who must have signed it, "" for anybody
    """
    try:
        origin, target = _parted(url)
        said, body = _get(calling.connections(), origin, target, etag)
    except (PeerFailed, BadListAddress) as error:
        raise NotFetched(str(error)) from error
    except (OSError, http.client.HTTPException) as error:
        raise NotFetched(f"The line broke: {type(error).__name__}.") from error
    if body is None:
        return None
    try:
        found, by = _read(body.decode(errors="replace"), signer)
    except (NotAList, statements.Refused) as error:
        raise NotFetched(str(error)) from error
    return Fetched(found, said, by)


def _parted(url: str) -> tuple[str, str]:
    """Origin and target."""
    if len(url) > URL_LENGTH or not url.isascii() or not url.isprintable() or " " in url:
        raise BadListAddress("This is too long for a URL, or has letters no URL has.")
    try:
        parts = urlsplit(url)
        origin = addresses.parse(f"{parts.scheme}://{parts.netloc}").url
    except (ValueError, BadAddress) as error:
        raise BadListAddress("A list is fetched from an https address.") from error
    return origin, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _get(connections: Connections, origin: str, target: str, etag: str) -> tuple[str, bytes | None]:
    """ETag and body, None for one that has not changed."""
    call = Call(SECONDS)
    headers = {"User-Agent": "WeTube", "Accept": "text/plain", "Accept-Encoding": "identity"}
    if etag:
        headers["If-None-Match"] = etag
    with connections.line(Provider(origin, origin), call, fresh=True) as line:
        return _answer(line, call, target, headers)


def _answer(
    line: Line, call: Call, target: str, headers: dict[str, str]
) -> tuple[str, bytes | None]:
    answer = line.request(call, "GET", target, headers, None)
    if answer.status == 304 and "If-None-Match" in headers:
        return headers["If-None-Match"], None
    if answer.status != 200:
        raise NotFetched(f"The server answers {answer.status}.")
    if answer.getheader("Content-Encoding", "identity").lower() != "identity":
        raise NotFetched("The list is compressed, though it was asked for plain.")
    body = bytearray()
    while piece := answer.read(PIECE):
        body += piece
        if len(body) > MOST_BYTES:
            raise NotFetched(f"It is longer than {MOST_BYTES >> 20} MiB.")
    if answer.length:
        raise NotFetched("It broke off.")
    said = answer.getheader("ETag", "")
    is_kept = len(said) <= ETAG_LENGTH and said.isascii() and said.isprintable()
    return said if is_kept else "", bytes(body)


def _read(text: str, signer: str) -> tuple[Denylist, str]:
    """The list and who signed it; raises NotAList, statements.Refused."""
    first, _, rest = text.partition("\n")
    if not statements.COMPACT.fullmatch(first):
        if signer:
            raise NotAList("It was signed before, and is not any more.")
        return denylists.read(text, most=MOST_LINES), ""
    claims = statements.read(first, KIND, by=signer or None, now=time.time())
    if claims.get("sha256") != sha256(rest.encode()).hexdigest():
        raise NotAList("It is not what was signed.")
    return _signed(rest), str(claims["iss"])


def _signed(body: str) -> Denylist:
    """A list in our own form: a line of JSON a refusal, those that were lifted among them."""
    lines = body.splitlines()
    if len(lines) > MOST_LINES:
        raise NotAList(f"It has more than {MOST_LINES} lines.")
    found = Denylist()
    for line in lines:
        try:
            said = json.loads(line)
            if said["lifted"] is None:
                found.rules.add(denylists.rule(f"/ipfs/{said['cid']}/*"))
        except (ValueError, TypeError, KeyError, RecursionError):
            found.left_out += 1
    return found

"""Calling an operator's webhook: signed as Standard Webhooks says, to public addresses alone.

The body is JSON; `webhook-signature` is HMAC-SHA256 over id, timestamp and body. No redirect is
followed, nothing of the answer is read but its status.
"""

import hmac
import http.client
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from node_bridge.network import addresses
from node_bridge.network.connections import Call, Connections
from node_bridge.network.failures import BadAddress, PeerFailed
from node_bridge.network.providers import Provider
from wetube.nodes import calling

SECONDS = 10.0  # for the whole call
LONGEST = 500  # letters of a URL
PREFIX = "whsec_"


class BadWebhook(ValueError):
    """The URL is not one that is called from here; the message says why."""


class NotTaken(Exception):
    """The webhook did not take the message; another time it may."""


class NotWanted(NotTaken):
    """The webhook says that it is gone for good (410)."""


@dataclass(frozen=True)
class Hook:
    """A webhook's URL in its parts."""

    origin: str
    target: str


def new_secret() -> str:
    """What signs messages to one webhook; its owner checks them with it."""
    return PREFIX + b64encode(secrets.token_bytes(24)).decode()


def parse(url: str) -> Hook:
    """Raises BadWebhook. Where the name leads is checked at each call."""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise BadWebhook("This is too long for a URL, or has letters no URL has.")
    try:
        parts = urlsplit(url)
        origin = addresses.parse(f"{parts.scheme}://{parts.netloc}").url
    except (ValueError, BadAddress) as error:
        raise BadWebhook("A webhook is an https address.") from error
    if parts.fragment:
        raise BadWebhook("A webhook has no fragment.")
    query = f"?{parts.query}" if parts.query else ""
    return Hook(origin, (parts.path or "/") + query)


def signature(secret: str, key: str, at: int, body: bytes) -> str:
    """The `webhook-signature` of a message."""
    signed = b"%b.%d.%b" % (key.encode(), at, body)
    mac = hmac.digest(b64decode(secret.removeprefix(PREFIX)), signed, sha256)
    return "v1," + b64encode(mac).decode()


def call(url: str, *, secret: str, key: str, at: int, said: Mapping[str, object]) -> None:
    """Hand over one message; raises NotTaken, NotWanted, BadWebhook.

    key: the message's, the same each time it is tried; at: Unix seconds of this try
    """
    hook = parse(url)
    body = json.dumps(said).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "WeTube",
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": signature(secret, key, at, body),
    }
    status = _status(calling.connections(), hook, headers, body)
    if status == 410:
        raise NotWanted("The webhook is gone (410).")
    if not 200 <= status < 300:
        raise NotTaken(f"The webhook answered {status}.")


def _status(connections: Connections, hook: Hook, headers: dict[str, str], body: bytes) -> int:
    call = Call(SECONDS)
    try:
        with connections.line(Provider(hook.origin, hook.origin), call, fresh=True) as line:
            return line.request(call, "POST", hook.target, headers, body).status
    except PeerFailed as error:
        raise NotTaken(str(error)) from error
    except (OSError, http.client.HTTPException) as error:
        raise NotTaken(f"The line broke: {type(error).__name__}.") from error

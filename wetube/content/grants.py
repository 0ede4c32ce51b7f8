"""Short signed permissions the gateway's door takes: to read one content, to upload one file."""

import hashlib
import time
from functools import cache

from django.conf import settings

from node_bridge.grants import Grant, Keyring


@cache
def keyring() -> Keyring:
    """The keys that sign grants, derived from the site's secrets, newest first."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return Keyring(
        [hashlib.sha256(b"wetube.grants\0" + secret.encode()).digest() for secret in secrets]
    )


def to_read(subject: str, *, seconds: int, key: str = "") -> tuple[str, int]:
    """Where `subject` (a root CID or a name) may be read for so long, and until when (unix time).

    With a `key` the gateway counts the bytes it delivers under this grant.
    """
    expires = int(time.time()) + seconds
    token = keyring().sign(Grant("read", subject, expires, key=key))
    return f"{settings.GATEWAY_URL}/g/{token}{_path_of(subject)}", expires


def openly(subject: str) -> str:
    """Where anyone may read `subject`, if it is open."""
    return f"{settings.GATEWAY_URL}{_path_of(subject)}"


def to_upload(key: str, *, most: int, seconds: int) -> str:
    """The gateway's address that takes one file of at most `most` bytes under this key."""
    token = keyring().sign(Grant("upload", key, int(time.time()) + seconds, limit=most, key=key))
    return f"{settings.GATEWAY_URL}/g/{token}/uploads"


def _path_of(subject: str) -> str:
    return f"/live/{subject}" if ":" in subject else f"/ipfs/{subject}"

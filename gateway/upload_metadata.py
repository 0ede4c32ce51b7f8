"""Upload-Metadata of tus 1.0.0: `name base64,name base64,…`, all of it chosen by the client."""

import binascii
from base64 import b64decode

from gateway.refusals import Malformed

MOST = 4096  # characters


def parse(header: str) -> dict[str, str]:
    """Text by name; raises Malformed."""
    if len(header) > MOST:
        raise Malformed(f"Upload-Metadata may have {MOST} characters.")
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        name, _, value = pair.partition(" ")
        if name in found:
            raise Malformed(f"Upload-Metadata has {name[:40]!r} twice.")
        found[name] = _text(value.strip())
    return found


def filename(header: str) -> str:
    """What the client calls its file: data to show, never a path; at most 255 characters."""
    return parse(header).get("filename", "")[:255]


def _text(value: str) -> str:
    try:
        return b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        raise Malformed("A value in Upload-Metadata is not base64 of UTF-8.") from None

"""Content for tests of pinning: what lies in this test's node, and CIDs of what nobody has."""

from hashlib import sha256

from node_bridge.cid import RAW, ParsedCid
from wetube.content import network


def nowhere(name: str = "nothing") -> str:
    """The CID of bytes that no node holds."""
    return str(ParsedCid(RAW, sha256(name.encode()).digest()))


def held(data: bytes = b"something to read", *, is_open: bool = True) -> str:
    """The CID of bytes that somebody keeps here, for everybody or not."""
    cid = network.store_bytes([data])
    network.keep(cid, size=len(data), holder="video:1", is_open=is_open)
    return cid

"""What a test reads out of an answer."""

from io import BytesIO

import httpx

from node_bridge.car import Archive
from node_bridge.cid import RAW, ParsedCid
from tests.conformance.graphs import Made

RAW_BLOCK = "application/vnd.ipld.raw"
CAR = "application/vnd.ipld.car"


def archived(reply: httpx.Response) -> list[str]:
    """The CIDs of a CAR's blocks in their order; every block is verified."""
    assert reply.status_code == 200, reply.text
    return [key.written for key, _ in Archive(BytesIO(reply.content)).blocks()]


def names(*parts: Made | ParsedCid | str) -> list[str]:
    """CIDs as their links have them."""
    return [part if isinstance(part, str) else _name(part) for part in parts]


def _name(part: Made | ParsedCid) -> str:
    return part.cid if isinstance(part, Made) else part.written


def raw_of(data_codec: ParsedCid) -> ParsedCid:
    """The same block as raw bytes."""
    return ParsedCid(RAW, data_codec.digest)


def caching(reply: httpx.Response) -> dict[str, str]:
    """The directives of Cache-Control."""
    directives = reply.headers["cache-control"].replace(" ", "").split(",")
    return dict((directive + "=").split("=")[:2] for directive in directives)

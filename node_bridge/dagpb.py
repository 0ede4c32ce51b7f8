"""dag-pb nodes: canonical writing, strict reading (IPLD DAG-PB specification)."""

from collections.abc import Iterable
from typing import NamedTuple

from node_bridge import cid, varint
from node_bridge.cid import ParsedCid
from node_bridge.errors import BadBlock, BadCid

DATA, LINKS = 0x0A, 0x12  # of a node: fields 1 and 2
HASH, NAME, TSIZE = 0x0A, 0x12, 0x18  # of a link: fields 1, 2 and 3


class Link(NamedTuple):
    """One child. `dag_size` is the bytes of the child's whole graph, as its parent says."""

    name: str
    dag_size: int
    key: ParsedCid


class Node(NamedTuple):
    data: bytes | None
    links: tuple[Link, ...]


def encode(data: bytes | None, links: Iterable[Link]) -> bytes:
    """Links first, each as hash, name, size; then the data. Order is the caller's."""
    parts = []
    for link in links:
        name = _field(HASH, link.key.link) + _field(NAME, link.name.encode())
        body = name + b"\x18" + varint.encode(link.dag_size)
        parts.append(_field(LINKS, body))
    if data is not None:
        parts.append(_field(DATA, data))
    return b"".join(parts)


def decode(block: bytes) -> Node:
    """The node in a block; raises BadBlock for anything not strictly dag-pb."""
    try:
        return _node(block)
    except (varint.BadVarint, BadCid, UnicodeDecodeError) as error:
        raise BadBlock(f"A dag-pb node is malformed: {error}") from error


def _node(block: bytes) -> Node:
    data: bytes | None = None
    links: list[Link] = []
    closed = False  # data after links ends the node
    place = 0
    while place < len(block):
        tag = block[place]
        part, place = _sized(block, place + 1)
        if tag == LINKS and not closed:
            links.append(_link(part))
        elif tag == DATA and data is None:
            data, closed = part, bool(links)
        else:
            raise BadBlock("A dag-pb node has a field out of place.")
    return Node(data, tuple(links))


def _link(part: bytes) -> Link:
    if not part or part[0] != HASH:
        raise BadBlock("A dag-pb link has no hash.")
    target, place = _sized(part, 1)
    key = cid.decode(target)
    name, dag_size = b"", 0
    if place < len(part) and part[place] == NAME:
        name, place = _sized(part, place + 1)
    if place < len(part) and part[place] == TSIZE:
        dag_size, place = varint.decode(part, place + 1)
    if place != len(part):
        raise BadBlock("A dag-pb link has a field out of place.")
    return Link(name.decode(), dag_size, key)


def _field(tag: int, body: bytes) -> bytes:
    return bytes((tag,)) + varint.encode(len(body)) + body


def _sized(data: bytes, place: int) -> tuple[bytes, int]:
    length, place = varint.decode(data, place)
    end = place + length
    if end > len(data):
        raise BadBlock("A dag-pb node is cut short.")
    return data[place:end], end

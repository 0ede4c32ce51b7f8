"""Reads DAG-CBOR documents (IPLD DAG-CBOR specification): values, with their links as CIDs.

By hand, because a link must be told from bytes that only look like one.
"""

from struct import unpack

from node_bridge import cid
from node_bridge.cid import ParsedCid
from node_bridge.errors import BadBlock, BadCid

Value = None | bool | int | float | str | bytes | ParsedCid | list["Value"] | dict[str, "Value"]

MAX_DEPTH = 64  # lists and maps inside each other
LINK = 42  # the one tag there is
SIMPLE: dict[int, bool | None] = {20: False, 21: True, 22: None}


def decode(block: bytes) -> Value:
    """The one value in a block; raises BadBlock."""
    try:
        value, place = _value(block, 0, 0)
    except (IndexError, UnicodeDecodeError, BadCid) as error:
        raise BadBlock(f"A DAG-CBOR document is malformed: {error}") from error
    if place != len(block):
        raise BadBlock("Bytes follow the end of a DAG-CBOR document.")
    return value


def _value(data: bytes, place: int, depth: int) -> tuple[Value, int]:
    kind, extra = data[place] >> 5, data[place] & 0x1F
    if kind == 7:
        return _simple(data, place + 1, extra)
    number, place = _number(data, place + 1, extra)
    match kind:
        case 0:
            return number, place
        case 1:
            return -1 - number, place
        case 2:
            return _bytes(data, place, number)
        case 3:
            text, place = _bytes(data, place, number)
            return text.decode(), place
        case 6:
            return _link(data, place, number)
    if depth == MAX_DEPTH:
        raise BadBlock(f"A DAG-CBOR document is nested deeper than {MAX_DEPTH} levels.")
    return (_list if kind == 4 else _map)(data, place, number, depth + 1)


def _number(data: bytes, place: int, extra: int) -> tuple[int, int]:
    """What a head says: itself below 24, else the bytes that follow."""
    if extra < 24:
        return extra, place
    if extra > 27:
        raise BadBlock("A DAG-CBOR document has a length that is not definite.")
    raw, place = _bytes(data, place, 1 << (extra - 24))
    return int.from_bytes(raw, "big"), place


def _bytes(data: bytes, place: int, size: int) -> tuple[bytes, int]:
    if size > len(data) - place:
        raise BadBlock("A DAG-CBOR document is cut short.")
    return data[place : place + size], place + size


def _simple(data: bytes, place: int, extra: int) -> tuple[Value, int]:
    if extra in SIMPLE:
        return SIMPLE[extra], place
    if extra != 27:
        raise BadBlock("A DAG-CBOR document has a value of an unknown kind.")
    raw, place = _bytes(data, place, 8)
    return float(unpack(">d", raw)[0]), place


def _link(data: bytes, place: int, tag: int) -> tuple[ParsedCid, int]:
    if tag != LINK or data[place] >> 5 != 2:
        raise BadBlock("A DAG-CBOR document has a tag that is no link.")
    size, place = _number(data, place + 1, data[place] & 0x1F)
    target, place = _bytes(data, place, size)
    if target[:1] != b"\0":
        raise BadBlock("A DAG-CBOR document has a link without its prefix.")
    return cid.decode(target[1:]), place


def _list(data: bytes, place: int, count: int, depth: int) -> tuple[list[Value], int]:
    items: list[Value] = []
    for _ in range(count):  # each takes a byte at least, so a false count ends with the data
        item, place = _value(data, place, depth)
        items.append(item)
    return items, place


def _map(data: bytes, place: int, count: int, depth: int) -> tuple[dict[str, Value], int]:
    items: dict[str, Value] = {}
    for _ in range(count):
        key, place = _value(data, place, depth)
        if not isinstance(key, str) or key in items:
            raise BadBlock("A DAG-CBOR document has a key that is no text, or there twice.")
        items[key], place = _value(data, place, depth)
    return items, place

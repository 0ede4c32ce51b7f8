"""UnixFS: what a dag-pb node's data says (the UnixFS 1.5 protobuf, by hand)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from node_bridge import varint
from node_bridge.errors import BadBlock


class Type(IntEnum):
    RAW = 0
    FOLDER = 1
    FILE = 2
    METADATA = 3
    SYMLINK = 4
    SHARD = 5  # one node of a HAMT, a folder too large for one block


@dataclass(frozen=True, slots=True)
class UnixFs:
    """`size` is None where the node does not say; `block_sizes` match the links of a file."""

    type: Type
    data: bytes = b""
    size: int | None = None
    block_sizes: tuple[int, ...] = ()
    hash_type: int = 0
    fanout: int = 0


FOLDER = b"\x08\x01"


def encode_file(size: int, block_sizes: list[int]) -> bytes:
    """The data of an inner node of a file: no bytes of its own, one size per link."""
    sizes = b"".join(b"\x20" + varint.encode(each) for each in block_sizes)
    return b"\x08\x02\x18" + varint.encode(size) + sizes


def decode(data: bytes) -> UnixFs:
    """Raises BadBlock when the data is not UnixFS. Modes and times are passed over."""
    seen: dict[int, int | bytes] = {}
    sizes: list[int] = []
    try:
        for field, value in _fields(data):
            if field == 4:
                sizes.extend((value,) if isinstance(value, int) else _packed(value))
            else:
                seen[field] = value
        return UnixFs(
            type=Type(_number(seen, 1)),
            data=_bytes(seen, 2),
            size=_number(seen, 3) if 3 in seen else None,
            block_sizes=tuple(sizes),
            hash_type=_number(seen, 5, 0),
            fanout=_number(seen, 6, 0),
        )
    except ValueError as error:  # of a varint, or no such Type
        raise BadBlock(f"A node's UnixFS data is malformed: {error}") from error


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Protobuf fields in order: numbers as int, strings as bytes, fixed widths as bytes."""
    place = 0
    while place < len(data):
        tag, place = varint.decode(data, place)
        wire = tag & 7
        if wire == 0:
            number, place = varint.decode(data, place)
            yield tag >> 3, number
            continue
        if wire == 2:
            length, place = varint.decode(data, place)
        elif wire in {1, 5}:
            length = 8 if wire == 1 else 4
        else:
            raise BadBlock("A node's UnixFS data has a field of an unknown kind.")
        if place + length > len(data):
            raise BadBlock("A node's UnixFS data is cut short.")
        yield tag >> 3, data[place : place + length]
        place += length


def _packed(data: bytes) -> Iterator[int]:
    place = 0
    while place < len(data):
        number, place = varint.decode(data, place)
        yield number


def _number(seen: dict[int, int | bytes], field: int, default: int | None = None) -> int:
    value = seen.get(field, default)
    if not isinstance(value, int):
        raise BadBlock(f"A node's UnixFS data lacks field {field}.")
    return value


def _bytes(seen: dict[int, int | bytes], field: int) -> bytes:
    value = seen.get(field, b"")
    if not isinstance(value, bytes):
        raise BadBlock(f"A node's UnixFS field {field} is not bytes.")
    return value

"""CARv1 archives: many blocks in one stream (IPLD content addressable archives)."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from node_bridge import cid, varint
from node_bridge.cid import ParsedCid, is_sound
from node_bridge.engine import MAX_BLOCK
from node_bridge.errors import BadCar, BadCid, Corrupt, TooBig

MAX_HEADER = 64 * 1024  # bytes, about 1500 roots
MAX_SECTION = MAX_BLOCK + 256  # a block and its CID

# The header is DAG-CBOR {"roots": [CID…], "version": 1}, of which this is all there is.
ROOTS, VERSION = b"\xa2\x65roots", b"\x67version\x01"
CID_TAG = b"\xd8\x2a"


def write(roots: list[ParsedCid], blocks: Iterable[tuple[ParsedCid, bytes]]) -> Iterator[bytes]:
    """The archive in pieces, one a block."""
    links = b"".join(CID_TAG + _head(0x40, 1 + len(r.link)) + b"\0" + r.link for r in roots)
    header = ROOTS + _head(0x80, len(roots)) + links + VERSION
    yield varint.encode(len(header)) + header
    for key, data in blocks:
        name = key.link
        yield varint.encode(len(name) + len(data)) + name + data


class Archive:
    """A CARv1 being read: its roots at once, then its blocks, each verified.

    Raises BadCar for what is no CARv1 or is cut short, Corrupt for a block that
    does not match its CID, TooBig past `max_bytes` or a block past its bound.
    """

    def __init__(self, src: BinaryIO, *, max_bytes: int | None = None) -> None:
        self._src = src
        self._left = max_bytes
        header = self._section(MAX_HEADER)
        if header is None:
            raise BadCar("The archive is empty.")
        self.roots = _roots(header)

    def blocks(self) -> Iterator[tuple[ParsedCid, memoryview]]:
        while (section := self._section(MAX_SECTION)) is not None:
            try:
                key, place = cid.decode_at(section, 0)
            except BadCid as error:
                raise BadCar(f"The archive holds a block under a bad CID: {error}") from error
            data = memoryview(section)[place:]
            if len(data) > MAX_BLOCK:
                raise TooBig(f"Block {key} is larger than {MAX_BLOCK} bytes.")
            if key.inline is None:
                if not is_sound(data, key.digest):
                    raise Corrupt(f"Block {key} in the archive does not match its CID.")
                yield key, data
            elif key.inline != data:
                raise Corrupt(f"Block {key} in the archive does not match its CID.")

    def _section(self, bound: int) -> bytes | None:
        """The next length-prefixed part; None at the end."""
        length = self._length()
        if length is None:
            return None
        if length > bound:
            raise TooBig(f"The archive has a part of {length} bytes; {bound} is the bound.")
        return self._read(length)

    def _length(self) -> int | None:
        prefix = b""
        while not prefix or prefix[-1] & 0x80:
            byte = self._read(1, at_end=not prefix)
            if not byte:
                return None
            prefix += byte
            if len(prefix) > 10:
                break
        try:
            return varint.decode(prefix)[0]
        except varint.BadVarint as error:
            raise BadCar("The archive has a malformed length.") from error

    def _read(self, size: int, *, at_end: bool = False) -> bytes:
        if self._left is not None and size > self._left and not at_end:
            raise TooBig("The archive is larger than was allowed.")
        pieces = []
        missing = size
        while missing and (piece := self._src.read(missing)):
            pieces.append(piece)
            missing -= len(piece)
        if missing and not at_end:
            raise BadCar("The archive is cut short.")
        data = b"".join(pieces)
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise TooBig("The archive is larger than was allowed.")
        return data


def _head(kind: int, number: int) -> bytes:
    """A CBOR head in its shortest form, for numbers below 65536."""
    if number < 24:
        return bytes((kind | number,))
    if number < 256:
        return bytes((kind | 24, number))
    return bytes((kind | 25,)) + number.to_bytes(2, "big")


def _roots(header: bytes) -> tuple[ParsedCid, ...]:
    if header == b"\xa1\x67version\x02":
        raise BadCar("This is a CARv2; only CARv1 is read here.")
    if not header.startswith(ROOTS) or not header.endswith(VERSION):
        raise BadCar("This is not a CARv1 archive.")
    body = header[len(ROOTS) : -len(VERSION)]
    count, place = _take_head(body, 0, 0x80)
    roots = []
    for _ in range(count):
        if body[place : place + 2] != CID_TAG:
            raise BadCar("The archive's header names a root that is no CID.")
        length, place = _take_head(body, place + 2, 0x40)
        link = body[place : place + length]
        if len(link) != length or link[:1] != b"\0":
            raise BadCar("The archive's header names a root that is no CID.")
        roots.append(cid.decode(link[1:]))
        place += length
    if place != len(body):
        raise BadCar("The archive's header is malformed.")
    return tuple(roots)


def _take_head(body: bytes, place: int, kind: int) -> tuple[int, int]:
    """The number in a CBOR head of one kind, and the place after it."""
    first = body[place] if place < len(body) else 0
    if first & 0xE0 != kind or first & 0x1F > 25:
        raise BadCar("The archive's header is malformed.")
    width = max((first & 0x1F) - 23, 0)
    if not width:
        return first & 0x1F, place + 1
    return int.from_bytes(body[place + 1 : place + 1 + width], "big"), place + 1 + width

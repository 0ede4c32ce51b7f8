"""Writes graphs as other implementations do, for tests: what our own node only ever reads.

CIDv0 with dag-pb leaves, small pieces, sharded folders, symlinks, documents.
Formats: dag-pb, UnixFS 1.5 and its HAMT, DAG-CBOR.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from node_bridge import car, murmur3, varint
from node_bridge import cid as cids
from node_bridge.cid import DAG_PB, RAW, ParsedCid
from node_bridge.dagpb import Link, encode
from node_bridge.unixfs import FOLDER

FANOUT = 256


class Made(NamedTuple):
    """A graph that was written: its root, its bytes with all nodes, and those of content."""

    key: ParsedCid
    weight: int
    size: int = 0

    @property
    def cid(self) -> str:
        return self.key.written


@dataclass
class Graphs:
    """Blocks in the order they were written; `version` of the CIDs and the size of a piece."""

    version: int = 1
    piece: int = 256
    blocks: dict[ParsedCid, bytes] = field(default_factory=dict)

    def file(self, data: bytes) -> Made:
        """A file in one level of pieces; of one piece when it fits."""
        pieces = [data[at : at + self.piece] for at in range(0, len(data), self.piece)] or [b""]
        leaves = [self._leaf(piece) for piece in pieces]
        if len(leaves) == 1:
            return leaves[0]
        sizes = b"".join(b"\x20" + varint.encode(leaf.size) for leaf in leaves)
        about = b"\x08\x02\x18" + varint.encode(len(data)) + sizes
        return self.node(about, [("", leaf) for leaf in leaves], size=len(data))

    def folder(self, entries: Mapping[str, Made]) -> Made:
        names = sorted(entries, key=str.encode)
        return self.node(FOLDER, [(name, entries[name]) for name in names])

    def symlink(self, target: str) -> Made:
        data = target.encode()
        return self.node(b"\x08\x04\x12" + varint.encode(len(data)) + data, [], size=len(data))

    def sharded(self, entries: Mapping[str, Made]) -> Made:
        """A folder as a HAMT: slots by the bits of each name's murmur3."""
        hashed = {name: murmur3.digest(name.encode()) for name in entries}
        return self._shard(entries, hashed, 0)

    def node(self, data: bytes, links: Sequence[tuple[str, Made]], *, size: int = 0) -> Made:
        """One dag-pb block."""
        block = encode(data, [Link(name, made.weight, made.key) for name, made in links])
        weight = len(block) + sum(made.weight for _, made in links)
        return Made(self.put(block, DAG_PB), weight, size)

    def put(self, block: bytes, codec: int = RAW) -> ParsedCid:
        version = self.version if codec == DAG_PB else 1
        key = ParsedCid(codec, cids.of(block).digest, version=version)
        self.blocks[key] = block
        return key

    def archive(self, *roots: Made, without: Sequence[ParsedCid] = ()) -> bytes:
        """All blocks, but for some, as a CARv1."""
        kept = [(key, block) for key, block in self.blocks.items() if key not in without]
        return b"".join(car.write([root.key for root in roots], kept))

    def _leaf(self, data: bytes) -> Made:
        """Raw under CIDv1; with CIDv0 every block is dag-pb."""
        if self.version:
            return Made(self.put(data), len(data), len(data))
        body = b"\x12" + varint.encode(len(data)) + data + b"\x18" + varint.encode(len(data))
        return self.node(b"\x08\x02" + body, [], size=len(data))

    def _shard(self, entries: Mapping[str, Made], hashed: Mapping[str, bytes], depth: int) -> Made:
        slots: dict[int, list[str]] = {}
        for name in entries:
            slots.setdefault(hashed[name][depth], []).append(name)
        links = []
        for slot, names in sorted(slots.items()):
            if len(names) == 1:
                links.append((f"{slot:02X}{names[0]}", entries[names[0]]))
            else:
                below = {name: entries[name] for name in names}
                links.append((f"{slot:02X}", self._shard(below, hashed, depth + 1)))
        return self.node(_about_shard(slots), links)


def _about_shard(slots: Mapping[int, object]) -> bytes:
    """Type, bitmap of the slots in use, hash and fanout."""
    number = sum(1 << slot for slot in slots)
    bitmap = number.to_bytes((number.bit_length() + 7) // 8, "big")
    bits = b"\x12" + varint.encode(len(bitmap)) + bitmap
    return b"\x08\x05" + bits + b"\x28\x22\x30" + varint.encode(FANOUT)


def linking(links: Mapping[str, ParsedCid]) -> bytes:
    """A DAG-CBOR map of names to links; fewer than 24 short names, in canonical order."""
    body = bytes([0xA0 | len(links)])
    for name in sorted(links, key=lambda name: (len(name), name)):
        target = b"\0" + bytes(links[name])
        body += bytes([0x60 | len(name)]) + name.encode()
        body += b"\xd8\x2a\x58" + bytes([len(target)]) + target
    return body

"""What a private file is made of: DAG-CBOR, sealed with the file's key, kept in whole copies.

`{"v": 1, "codec", "size", "stripe", "parts": [{"set", "columns": [cid…], "shards": [[cid…]…]}]}`:
each part has n columns and, for each column, the CIDs of its shards in order. CIDs are bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import libipld

from node_bridge import cid as cids
from node_bridge.cid import RAW, Cid
from node_bridge.errors import BadCid, NodeError
from node_bridge.network import coding
from node_bridge.network.coding import PART_STRIPES, SHARD, TAG, BadCodec, Codec, Seal

VERSION = 1
PIECE = SHARD - TAG  # bytes of a manifest under one seal
PURPOSE = "manifest"
MAX_BYTES = 1 << 28  # of a manifest: a file of some 20 TiB
MAX_FILE = 1 << 44


class BadManifest(NodeError):
    """What was unsealed is not a manifest."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some stripes in a row. `set` is what its placement is called; `shards[i][s]` is the CID of
    shard i of its stripe s, `columns[i]` that of the file they are the leaves of.
    """

    set: str
    columns: tuple[Cid, ...]
    shards: tuple[tuple[Cid, ...], ...]

    @property
    def stripes(self) -> int:
        return len(self.shards[0])


@dataclass(frozen=True, slots=True)
class Manifest:
    """A private file of `size` bytes."""

    codec: Codec
    size: int
    parts: tuple[Part, ...]

    def at(self, stripe: int) -> tuple[Part, int]:
        """The part a stripe lies in, and its number there."""
        return self.parts[stripe // PART_STRIPES], stripe % PART_STRIPES


def seal(manifest: Manifest, key: bytes) -> Iterator[bytes]:
    """The manifest in sealed pieces, all but the last of 1 MiB."""
    plain = libipld.encode_dag_cbor(
        {
            "v": VERSION,
            "codec": manifest.codec.name,
            "size": manifest.size,
            "stripe": manifest.codec.stripe,
            "parts": [_written(part) for part in manifest.parts],
        }
    )
    cipher = Seal(key, PURPOSE)
    for number, place in enumerate(range(0, len(plain), PIECE)):
        yield cipher.close(number, plain[place : place + PIECE])


def unseal(sealed: bytes, key: bytes) -> Manifest:
    """The manifest out of its sealed pieces; raises BadSeal, BadManifest."""
    if len(sealed) > MAX_BYTES:
        raise BadManifest(f"A manifest has at most {MAX_BYTES} bytes.")
    cipher = Seal(key, PURPOSE)
    pieces = (sealed[place : place + SHARD] for place in range(0, len(sealed), SHARD))
    plain = b"".join(cipher.open(number, piece) for number, piece in enumerate(pieces))
    try:
        said = libipld.decode_dag_cbor(plain)
    except ValueError as error:
        raise BadManifest(f"The manifest is not DAG-CBOR: {error}") from error
    return _read(said)


def _written(part: Part) -> dict[str, Any]:
    return {
        "set": part.set,
        "columns": [_bytes(cid) for cid in part.columns],
        "shards": [[_bytes(cid) for cid in column] for column in part.shards],
    }


def _bytes(cid: Cid) -> bytes:
    return bytes(cids.parse(cid))


def _read(said: Any) -> Manifest:
    try:
        if said["v"] != VERSION:
            raise BadManifest("The manifest is of a version that is not known here.")
        codec = coding.read(said["codec"])
        parts = tuple(_part(part, codec) for part in said["parts"])
        manifest = Manifest(codec, said["size"], parts)
    except (KeyError, TypeError, BadCid, BadCodec) as error:
        raise BadManifest(f"The manifest lacks something: {error!r}") from error
    _check(manifest)
    return manifest


def _part(said: Any, codec: Codec) -> Part:
    columns = tuple(str(cids.decode(cid)) for cid in said["columns"])
    shards = tuple(tuple(map(_shard, column)) for column in said["shards"])
    if not (len(columns) == len(shards) == codec.n and isinstance(said["set"], str)):
        raise BadManifest(f"Each part has {codec.n} columns.")
    if len({len(column) for column in shards}) != 1 or not 1 <= len(shards[0]) <= PART_STRIPES:
        raise BadManifest("The columns of a part have one shard a stripe.")
    return Part(said["set"], columns, shards)


def _shard(data: bytes) -> Cid:
    parsed = cids.decode(data)
    if parsed.codec != RAW or parsed.inline is not None:
        raise BadManifest("A shard is a raw block.")
    return str(parsed)


def _check(manifest: Manifest) -> None:
    if type(manifest.size) is not int or not 0 <= manifest.size <= MAX_FILE:
        raise BadManifest("The manifest's size is no size of a file.")
    stripes = -(-manifest.size // manifest.codec.stripe)
    full, rest = divmod(stripes, PART_STRIPES)
    due = [PART_STRIPES] * full + ([rest] if rest else [])
    if [part.stripes for part in manifest.parts] != due:
        raise BadManifest("The manifest has not as many shards as its size needs.")

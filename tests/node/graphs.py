"""Graphs to lease: content in memory, its CAR, what it weighs."""

import random
from collections.abc import Iterable
from dataclasses import dataclass

from node_bridge import MemoryEngine, car, cid, dagpb
from node_bridge.cid import DAG_PB, ParsedCid


@dataclass(frozen=True, slots=True)
class Made:
    """A graph. `size` is bytes of its distinct blocks."""

    cid: str
    size: int
    archive: bytes
    blocks: tuple[tuple[ParsedCid, bytes], ...]


def film(size: int, seed: int = 1) -> Made:
    """A folder with one file of `size` random bytes."""
    engine = MemoryEngine()
    file = engine.add([random.Random(seed).randbytes(size)])
    root = engine.add_dir({"film.mp4": file.cid}).cid
    blocks = [(cid.parse(name), engine.get_block(name)) for name in engine.blocks(root)]
    return made(root, blocks)


def made(root: str, blocks: Iterable[tuple[ParsedCid, bytes]]) -> Made:
    kept = tuple(blocks)
    archive = b"".join(car.write([cid.parse(root)], kept))
    size = sum(len(data) for _, data in dict(kept).items())
    return Made(root, size, archive, kept)


def chain(depth: int) -> Made:
    """A graph as deep as that, each block linking to the next."""
    data = b"the end"
    key = cid.of(data)
    blocks = [(key, data)]
    for _ in range(depth):
        data = dagpb.encode(b"", [dagpb.Link("", len(data), key)])
        key = cid.of(data, DAG_PB)
        blocks.append((key, data))
    return made(str(key), reversed(blocks))


def fan(width: int) -> Made:
    """A root with that many links to small blocks."""
    leaves = [(cid.of(data), data) for data in (b"%d" % number for number in range(width))]
    root = dagpb.encode(b"", [dagpb.Link("", len(data), key) for key, data in leaves])
    key = cid.of(root, DAG_PB)
    return made(str(key), [(key, root), *leaves])


def doubling(levels: int) -> Made:
    """Two links to the same child on every level: 2^levels leaves when unfolded."""
    data = b"leaf"
    key = cid.of(data)
    blocks = [(key, data)]
    weight = len(data)
    for _ in range(levels):
        links = [dagpb.Link(name, weight, key) for name in ("a", "b")]
        data = dagpb.encode(b"", links)
        weight = 2 * weight + len(data)
        key = cid.of(data, DAG_PB)
        blocks.append((key, data))
    return made(str(key), reversed(blocks))

"""A file's blocks as a first reading shows them, so that a second one can send what is missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO

from node_bridge import building, car, cutting
from node_bridge.building import Branch
from node_bridge.cid import RAW, ParsedCid

Progress = Callable[[int], object]  # is told how many bytes of the file are through


@dataclass(slots=True)
class Outline:
    """The names of a file's leaves in order, and the nodes above them whole.

    The one leaf of an empty file, of which there is nothing to read, is kept with the nodes.
    """

    root: Branch
    blocks: int
    leaves: list[ParsedCid] = field(default_factory=list)
    nodes: dict[ParsedCid, bytes] = field(default_factory=dict)
    sizes: dict[bytes, int] = field(default_factory=dict)  # bytes by digest, each block once

    def sections(
        self, file: IO[bytes], wanted: set[bytes], progress: Progress | None = None
    ) -> Iterator[bytes]:
        """A CAR of the blocks whose digests are wanted, each once, as they are read again.

        The names are those of the first reading: whoever takes the archive must compare.
        """
        waiting = set(wanted)
        yield next(car.write([], []))
        taken = 0
        for key, leaf in zip(self.leaves, cutting.leaves(file, building.LEAF), strict=False):
            if key.digest in waiting:
                waiting.discard(key.digest)
                yield section(key, leaf)
            taken += len(leaf)
            if progress is not None:
                progress(taken)
        for key, node in self.nodes.items():
            if key.digest in waiting:
                yield section(key, node)


def draw(file: IO[bytes], *, max_bytes: int | None) -> Outline:
    """Read a file for the first time; raises TooBig."""
    outline = Outline(Branch(ParsedCid(RAW, b""), 0, 0), 0)

    def note(key: ParsedCid, data: bytes | memoryview) -> None:
        outline.sizes[key.digest] = len(data)
        if key.codec == RAW and data:
            outline.leaves.append(key)
        else:
            outline.nodes[key] = bytes(data)

    leaves = cutting.leaves(file, building.LEAF, max_bytes=max_bytes)
    outline.root, outline.blocks = building.build_file(leaves, note)
    return outline


def section(key: ParsedCid, data: bytes | memoryview) -> bytes:
    """One block of a CAR under its hash alone: as raw bytes, whatever they mean."""
    *_, written = car.write([], [(ParsedCid(RAW, key.digest, key.hash), bytes(data))])
    return written

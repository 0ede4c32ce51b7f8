"""Indexes fragmented MP4 as it grows: where each fragment lies and how long it plays.

Written from ISO/IEC 14496-12 (boxes), 14496-15 (avcC) and the AV1-ISOBMFF binding (av1C).
Every size is checked against what holds it, so a hostile file ends in BadFragments.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from wetube.video.transcoding.errors import TranscodingError

MOST_HEADER = 8 << 20
MOST_FRAGMENTS = 200_000

Span = tuple[int, int]


class BadFragments(TranscodingError):
    """The file is not fragmented MP4 as we write it."""


@dataclass(frozen=True)
class Fragment:
    """One moof and its mdat: bytes `offset` + `length`; `start` and `duration` in seconds.

    `key_length` bytes from `offset` on hold the header and the first (key) sample.
    """

    offset: int
    length: int
    start: float
    duration: float
    key_length: int
    samples: int


@dataclass
class Header:
    """What the moov says; `codec` as RFC 6381 wants it, sizes 0 for sound."""

    length: int
    codec: str
    width: int
    height: int
    timescale: int
    sample_duration: int
    sample_size: int


@dataclass
class Track:
    """A file with one track that somebody may still be writing."""

    path: Path
    header: Header | None = None
    fragments: list[Fragment] = field(default_factory=list)
    position: int = 0

    def poll(self) -> list[Fragment]:
        """Index what is complete and new since the last call; reads only headers.

        An absent file has no fragments yet. Raises BadFragments.
        """
        try:
            with self.path.open("rb") as file:
                return self._read(file)
        except FileNotFoundError:
            return []

    @property
    def duration(self) -> float:
        return sum(fragment.duration for fragment in self.fragments)

    @property
    def known(self) -> Header:
        """The header; BadFragments if there is none yet."""
        if self.header is None:
            raise BadFragments(f"{self.path.name} has no header.")
        return self.header

    def largest_gap(self) -> float:
        """Seconds of the worst hole or overlap between two neighbours."""
        pairs = zip(self.fragments, self.fragments[1:], strict=False)
        return max((abs(b.start - a.start - a.duration) for a, b in pairs), default=0.0)

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of the file."""
        with self.path.open("rb") as file:
            return os.pread(file.fileno(), length, offset)

    def _read(self, file: BinaryIO) -> list[Fragment]:
        size = os.fstat(file.fileno()).st_size
        before, moof, place = len(self.fragments), None, self.position
        while (box := _box(file, place, size)) is not None:
            kind, length = box
            if kind == b"moov":
                self.header = _header(_load(file, place, length), place + length)
                self.position = place + length
            elif kind == b"moof":
                moof = place, _load(file, place, length)
            elif kind == b"mdat" and moof is not None:
                self._add(moof, place + length)
                moof = None
            place += length
        return self.fragments[before:]

    def _add(self, moof: tuple[int, bytes], end: int) -> None:
        if len(self.fragments) >= MOST_FRAGMENTS:
            raise BadFragments("There are too many fragments.")
        offset, data = moof
        header = self.known
        run = _fragment(data, header)
        if run.key_length > end - offset:
            raise BadFragments("A sample reaches past its fragment.")
        self.fragments.append(
            Fragment(
                offset=offset,
                length=end - offset,
                start=run.start / header.timescale,
                duration=run.duration / header.timescale,
                key_length=run.key_length,
                samples=run.samples,
            )
        )
        self.position = end


@dataclass
class _Run:
    """Sums over a moof, in units of the timescale and bytes."""

    start: int = 0
    duration: int = 0
    key_length: int = 0
    samples: int = 0


def _box(file: BinaryIO, place: int, size: int) -> tuple[bytes, int] | None:
    """Kind and length of the box at `place`; None while it is not complete."""
    head = os.pread(file.fileno(), 16, place)
    if len(head) < 8:
        return None
    length, kind = struct.unpack_from(">I4s", head)
    if length == 1 and len(head) == 16:
        (length,) = struct.unpack_from(">Q", head, 8)
    if length < 8:
        if head[:8] == bytes(8) or length == 0:
            return None  # space that is reserved but not yet written
        raise BadFragments("A box is shorter than its own header.")
    return (kind, length) if place + length <= size else None


def _load(file: BinaryIO, place: int, length: int) -> bytes:
    if length > MOST_HEADER:
        raise BadFragments("A header is larger than any of ours.")
    return os.pread(file.fileno(), length, place)


def _boxes(data: bytes, span: Span) -> Iterator[tuple[bytes, Span]]:
    place, end = span
    while place + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, place)
        if length < 8 or place + length > end:
            raise BadFragments("A box reaches past the one that holds it.")
        yield kind, (place + 8, place + length)
        place += length


def _find(data: bytes, span: Span, *path: bytes) -> Span:
    for kind in path:
        found = next((inner for name, inner in _boxes(data, span) if name == kind), None)
        if found is None:
            raise BadFragments(f"There is no {kind.decode()} box.")
        span = found
    return span


def _u32(data: bytes, place: int, end: int) -> int:
    if place + 4 > end:
        raise BadFragments("A field lies outside its box.")
    return int.from_bytes(data[place : place + 4], "big")


def _header(data: bytes, length: int) -> Header:
    whole = (8, len(data))
    place, end = _find(data, whole, b"trak", b"mdia", b"mdhd")
    timescale = _u32(data, place + (20 if data[place] else 12), end)
    entries = _find(data, whole, b"trak", b"mdia", b"minf", b"stbl", b"stsd")
    kind, entry = next(_boxes(data, (entries[0] + 8, entries[1])), (b"", (0, 0)))
    place, end = _find(data, whole, b"mvex", b"trex")
    if timescale == 0:
        raise BadFragments("Time does not pass in this track.")
    codec, width, height = _codec(data, kind, entry)
    defaults = _u32(data, place + 12, end), _u32(data, place + 16, end)
    return Header(length, codec, width, height, timescale, *defaults)


def _codec(data: bytes, kind: bytes, entry: Span) -> tuple[str, int, int]:
    place, end = entry
    if kind == b"mp4a":
        return "mp4a.40.2", 0, 0
    if kind not in {b"avc1", b"av01"}:
        raise BadFragments(f"The codec {kind!r} is none of ours.")
    if place + 78 > end:
        raise BadFragments("A field lies outside its box.")
    width, height = struct.unpack_from(">HH", data, place + 24)
    inner = (place + 78, end)
    if kind == b"avc1":
        start, stop = _find(data, inner, b"avcC")
        return f"avc1.{_u32(data, start, stop) & 0xFFFFFF:06x}", width, height
    start, stop = _find(data, inner, b"av1C")
    return _av1(_u32(data, start, stop)), width, height


def _av1(record: int) -> str:
    """av01.<profile>.<level><tier>.<bits>, from the first bytes of av1C."""
    second, third = record >> 16 & 0xFF, record >> 8 & 0xFF
    tier = "H" if third & 0x80 else "M"
    bits = 10 if third & 0x40 else 8
    return f"av01.{second >> 5}.{second & 31:02}{tier}.{bits:02}"


def _fragment(data: bytes, header: Header) -> _Run:
    track = _find(data, (8, len(data)), b"traf")
    duration, size = _defaults(data, _find(data, track, b"tfhd"), header)
    place, end = _find(data, track, b"tfdt")
    run = _Run(start=_u32(data, place + 4, end))
    if data[place] == 1:
        run.start = run.start << 32 | _u32(data, place + 8, end)
    for kind, span in _boxes(data, track):
        if kind == b"trun":
            _add_run(run, data, span, (duration, size))
    return run


def _defaults(data: bytes, span: Span, header: Header) -> tuple[int, int]:
    """Duration and size of samples that do not say: tfhd's, else trex's."""
    place, end = span
    flags = _u32(data, place, end) & 0xFFFFFF
    place += 8
    values = {0x8: header.sample_duration, 0x10: header.sample_size}
    for flag, width in ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4)):
        if flags & flag:
            if flag in values:
                values[flag] = _u32(data, place, end)
            place += width
    return values[0x8], values[0x10]


def _add_run(run: _Run, data: bytes, span: Span, defaults: tuple[int, int]) -> None:
    place, end = span
    flags = _u32(data, place, end) & 0xFFFFFF
    count = _u32(data, place + 4, end)
    fields = [flag for flag in (0x100, 0x200, 0x400, 0x800) if flags & flag]
    begin = _u32(data, place + 8, end) if flags & 0x1 else 0
    place += 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    width = 4 * len(fields)
    if place + count * width > end:
        raise BadFragments("A run names more samples than it lists.")
    durations = _column(data, place, (count, width), fields, 0x100)
    sizes = _column(data, place, (count, width), fields, 0x200)
    if not run.samples and count:
        run.key_length = begin + (sizes[0] if sizes else defaults[1])
    run.duration += sum(durations) if durations is not None else count * defaults[0]
    run.samples += count


def _column(
    data: bytes, place: int, shape: tuple[int, int], fields: list[int], flag: int
) -> list[int] | None:
    """One field of every sample of a run; None where the default counts."""
    if flag not in fields:
        return None
    count, width = shape
    place += 4 * fields.index(flag)
    return [struct.unpack_from(">I", data, place + row * width)[0] for row in range(count)]

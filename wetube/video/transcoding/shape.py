"""The exact shape of the files we make, held against files that somebody else made.

`fragments` reads what it understands and passes over the rest; here nothing may be there that
our own encoder would not have written: no other box, no parameter sets hidden among the frames
(a player would change size in the middle), no byte before, between or behind.
ISO/IEC 14496-12 has the boxes, 14496-10 table 7-1 the kinds of NAL units.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from wetube.video.transcoding.encode import index
from wetube.video.transcoding.errors import TranscodingError
from wetube.video.transcoding.fragments import BadFragments, Track
from wetube.video.transcoding.ladder import Rung
from wetube.video.transcoding.plan import Piece, Plan

PICTURES = frozenset({1, 5, 6})  # slice, slice of a key frame, notes of the encoder
KEY = 5
MOST_NOTES = 4096  # bytes of one note; ours has under a thousand
SPARE = 4 << 20  # bytes a rung may take beyond twice its rate


class NotOurs(TranscodingError):
    """The file is not what our own encoder would have made of this piece."""


def most_bytes(plan: Plan, piece: Piece) -> int:
    """What all files of a piece together can weigh: twice the rate that each rung keeps to."""
    length = plan.length(piece)
    return sum(SPARE + round(rung.bitrate * length / 4) for rung in plan.encoded)


def check(path: Path, plan: Plan, piece: Piece, rung: Rung) -> Track:
    """The index of a file that has the right size, segments, length and nothing else in it.

    Raises NotOurs. What the pictures show is not looked at.
    """
    try:
        track = index(path)
        header = track.known
    except (BadFragments, struct.error) as error:
        raise NotOurs(f"{path.name} is not fragmented MP4 as we write it: {error}") from error
    if (header.width, header.height) != (rung.width, rung.height):
        raise NotOurs(
            f"{path.name} is {header.width}×{header.height}, not {rung.width}×{rung.height}."
        )
    _check_segments(track, plan, piece)
    _check_boxes(track)
    return track


def _check_segments(track: Track, plan: Plan, piece: Piece) -> None:
    """Every segment but the last has one group of pictures and begins where it must."""
    name, found = track.path.name, track.fragments
    if not found:
        raise NotOurs(f"{name} is empty.")
    first = float(plan.seconds(piece.first_frame))
    tick = float(plan.seconds(1)) / 4
    for number, fragment in enumerate(found):
        is_last = number == len(found) - 1
        if fragment.samples != plan.gop and not (is_last and 0 < fragment.samples < plan.gop):
            raise NotOurs(f"Segment {number} of {name} has {fragment.samples} frames.")
        begins = first + float(plan.seconds(number * plan.gop))
        lasts = float(plan.seconds(fragment.samples))
        if abs(fragment.start - begins) > tick or abs(fragment.duration - lasts) > tick:
            raise NotOurs(f"Segment {number} of {name} does not lie where it belongs.")
    frames = sum(fragment.samples for fragment in found)
    if piece.frames is not None and frames != piece.frames:
        raise NotOurs(f"{name} has {frames} frames, not {piece.frames}.")


def _check_boxes(track: Track) -> None:
    with track.path.open("rb") as file:
        kinds = list(_top(file))
        if [kind for kind, _ in kinds] != [b"ftyp", b"moov", *[b"moof", b"mdat"] * _count(track)]:
            raise NotOurs(f"{track.path.name} holds boxes that are none of ours.")
        for kind, (start, end) in kinds:
            if kind == b"mdat":
                _check_units(file, track.path.name, start, end)


def _count(track: Track) -> int:
    return len(track.fragments)


def _top(file: BinaryIO) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Kind and content of every box of the file; what follows the last must be nothing."""
    size = file.seek(0, 2)
    place = 0
    while place < size:
        file.seek(place)
        head = file.read(16)
        if len(head) < 8:
            raise NotOurs("A file ends in the middle of a box.")
        length, kind = struct.unpack_from(">I4s", head)
        begin = 8
        if length == 1 and len(head) == 16:
            (length,) = struct.unpack_from(">Q", head, 8)
            begin = 16
        if length < begin or place + length > size:
            raise NotOurs("A box reaches past the end of its file.")
        yield kind, (place + begin, place + length)
        place += length


def _check_units(file: BinaryIO, name: str, place: int, end: int) -> None:
    """Each NAL unit is a part of a picture; the first picture is a key frame."""
    file.seek(place)
    data = file.read(end - place)
    at, keyed = 0, False
    while at + 5 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4] & 0x1F
        if kind not in PICTURES or length < 1 or (kind == 6 and length > MOST_NOTES):
            raise NotOurs(f"{name} carries something else than pictures.")
        if not keyed and kind == 1:
            raise NotOurs(f"A segment of {name} does not begin with a key frame.")
        keyed = keyed or kind == KEY
        at += 4 + length
    if at != len(data) or not keyed:
        raise NotOurs(f"A segment of {name} is not whole.")

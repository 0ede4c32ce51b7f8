"""What a worker elsewhere is asked to encode, and how it reads that: strictly, from a stranger.

A spec says what comes out, never how a program is called. Whatever ends in a command line is a
number within bounds or a word of a short list, so the worst spec costs time and memory, and of
these no more than the sandbox gives. Sound is not asked for: its encoder's run-in would be heard
at each border, and it is cheap.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from wetube.video.transcoding import binaries, sniff
from wetube.video.transcoding.errors import TranscodingError
from wetube.video.transcoding.ladder import Rung
from wetube.video.transcoding.media import Json, Picture, Probe
from wetube.video.transcoding.plan import Piece, Plan
from wetube.video.transcoding.probe import LONGEST, MOST_PIXELS, SMALLEST_SIDE

VERSION = 1
MOST_RUNGS = 8
MOST_FRAMES = LONGEST * 60
MOST_BITRATE = 100_000_000
LONGEST_SIDE = 16384
DEMUXERS = frozenset(sniff.ANSWERS)
NAME = re.compile(r"[0-9]{1,4}", re.ASCII)
WORD = re.compile(r"[A-Za-z0-9_.()/ :+-]{0,40}", re.ASCII)
FRACTION = re.compile(r"[0-9]{1,9}(/[0-9]{1,9})?", re.ASCII)


class BadSpec(TranscodingError):
    """This is not an order for work that we would do; the message says what is wrong."""


def skill() -> str:
    """The work this machine can do so that it joins: of another ffmpeg the headers may differ."""
    version = re.match(r"[A-Za-z]*[0-9]+(\.[0-9]+)?", binaries.find().version)
    return f"transcode-{VERSION} ffmpeg-{version[0] if version else 'unknown'}"


def of(plan: Plan, piece: Piece) -> Json:
    """The picture of one piece as an order to somebody else. A copied rung is not asked for."""
    source = replace(plan.source, sound=None).to_json()
    return {
        "version": VERSION,
        "source": {name: source[name] for name in ("demuxer", "size", "duration", "picture")},
        "rate": str(plan.rate),
        "rungs": [
            {"name": rung.name, "width": rung.width, "height": rung.height, "bitrate": rung.bitrate}
            for rung in plan.encoded
        ],
        "first_frame": piece.first_frame,
        "frames": piece.frames,
        "tone_mapped": plan.tone_mapped,
    }


def read(data: object) -> Plan:
    """A plan of one picture piece. Raises BadSpec for anything unknown, missing or too large."""
    given = _fields(data, "version source rate rungs first_frame frames tone_mapped", "The order")
    if given["version"] != VERSION:
        raise BadSpec("The order is of a version that this node does not know.")
    made = Plan(
        source=_source(given["source"]),
        rate=_rate(given["rate"]),
        rungs=_rungs(given["rungs"]),
        pieces=(_piece(given),),
        tone_mapped=_flag(given, "tone_mapped"),
        warnings=(),
    )
    if made.pieces[0].first_frame % made.gop:
        raise BadSpec("A piece begins at the border of a segment.")
    if made.tone_mapped and not (made.source.picture and made.source.picture.is_hdr):
        raise BadSpec("Only HDR is tone-mapped.")
    return made


def seconds(plan: Plan) -> float:
    """Seconds of output that such an order promises."""
    return plan.length(plan.pieces[0])


def _piece(given: Mapping[str, Any]) -> Piece:
    whole = given["frames"] is None
    frames = None if whole else _whole(given, "frames", 1, MOST_FRAMES)
    return Piece(0, "picture", _whole(given, "first_frame", 0, MOST_FRAMES), frames)


def _source(data: object) -> Probe:
    given = _fields(data, "demuxer size duration picture", "The source")
    duration = _number(given, "duration", 0, LONGEST)
    return Probe(
        demuxer=_listed(given, "demuxer", DEMUXERS),
        size=_whole(given, "size", 1, 1 << 50),
        duration=duration,
        picture=_picture(given["picture"]),
        sound=None,
    )


def _picture(data: object) -> Picture:
    given = _fields(data, " ".join(Picture.__dataclass_fields__), "The picture")
    sides = {
        name: _whole(given, name, SMALLEST_SIDE, LONGEST_SIDE)
        for name in ("width", "height", "coded_width", "coded_height")
    }
    if sides["coded_width"] * sides["coded_height"] > MOST_PIXELS:
        raise BadSpec("The picture is larger than any we take.")
    gap = None if given["key_gap"] is None else _number(given, "key_gap", 0, LONGEST)
    return Picture(
        index=_whole(given, "index", 0, 64),
        codec=_word(given, "codec"),
        profile=_word(given, "profile"),
        pixel_format=_word(given, "pixel_format"),
        **sides,
        rotation=_whole(given, "rotation", 0, 359),
        square=_flag(given, "square"),
        fps=_fraction(given["fps"], Fraction(1, 1000), Fraction(1000)),
        bitrate=_whole(given, "bitrate", 0, 1 << 40),
        transfer=_word(given, "transfer"),
        interlaced=_flag(given, "interlaced"),
        key_gap=gap,
    )


def _rungs(data: object) -> tuple[Rung, ...]:
    if not isinstance(data, list) or not 0 < len(data) <= MOST_RUNGS:
        raise BadSpec(f"An order asks for one to {MOST_RUNGS} rungs.")
    made = tuple(_rung(each) for each in data)
    if len({rung.name for rung in made}) < len(made):
        raise BadSpec("Two rungs have the same name.")
    return made


def _rung(data: object) -> Rung:
    given = _fields(data, "name width height bitrate", "A rung")
    if not isinstance(given["name"], str) or not NAME.fullmatch(given["name"]):
        raise BadSpec("A rung is named by a number of pixels.")
    width, height = (_whole(given, side, 2, LONGEST_SIDE) for side in ("width", "height"))
    if width % 2 or height % 2 or width * height > MOST_PIXELS:
        raise BadSpec("A rung's sides are even, and it is no larger than any source we take.")
    return Rung(given["name"], width, height, _whole(given, "bitrate", 1000, MOST_BITRATE))


def _rate(value: object) -> Fraction:
    rate = _fraction(value, Fraction(1), Fraction(60))
    if rate.denominator not in {1, 1001}:
        raise BadSpec("Frames come at a whole rate, or at one of NTSC's.")
    return rate


def _fields(data: object, names: str, what: str) -> Mapping[str, Any]:
    if not isinstance(data, dict) or data.keys() != set(names.split()):
        raise BadSpec(f"{what} has other fields than these: {names}.")
    return data


def _whole(given: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = given[name]
    if type(value) is not int or not least <= value <= most:
        raise BadSpec(f"{name} is a whole number from {least} to {most}.")
    return value


def _number(given: Mapping[str, Any], name: str, least: float, most: float) -> float:
    value = given[name]
    if type(value) not in {int, float} or not least <= value <= most:
        raise BadSpec(f"{name} is a number from {least} to {most}.")
    return float(value)


def _flag(given: Mapping[str, Any], name: str) -> bool:
    if type(given[name]) is not bool:
        raise BadSpec(f"{name} is true or false.")
    return bool(given[name])


def _text(given: Mapping[str, Any], name: str, fits: Callable[[str], object]) -> str:
    value = given[name]
    if not isinstance(value, str) or not fits(value):
        raise BadSpec(f"{name} is none that this node knows.")
    return value


def _word(given: Mapping[str, Any], name: str) -> str:
    return _text(given, name, WORD.fullmatch)


def _listed(given: Mapping[str, Any], name: str, known: frozenset[str]) -> str:
    return _text(given, name, known.__contains__)


def _fraction(value: object, least: Fraction, most: Fraction) -> Fraction:
    if not isinstance(value, str) or not FRACTION.fullmatch(value):
        raise BadSpec("A rate is a fraction of whole numbers.")
    top, _, bottom = value.partition("/")
    if bottom and not int(bottom):
        raise BadSpec("A rate is a fraction of whole numbers.")
    made = Fraction(int(top), int(bottom or 1))
    if not least <= made <= most:
        raise BadSpec(f"A rate lies between {least} and {most}.")
    return made

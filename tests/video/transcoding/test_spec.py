"""An order for work elsewhere says what comes out; whatever else it says is refused."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wetube.video.transcoding import commands, spec
from wetube.video.transcoding.ladder import Rung
from wetube.video.transcoding.media import Picture, Probe, Sound
from wetube.video.transcoding.plan import Piece, Plan
from wetube.video.transcoding.spec import BadSpec

PICTURE = Picture(
    index=0,
    codec="h264",
    profile="High",
    pixel_format="yuv420p",
    width=640,
    height=360,
    coded_width=640,
    coded_height=360,
    rotation=0,
    square=True,
    fps=Fraction(25),
    bitrate=500_000,
    transfer="bt709",
    interlaced=False,
    key_gap=2.0,
)
PLAN = Plan(
    source=Probe("mov", 1000, 20.0, PICTURE, Sound(1, "aac", 2, 48_000)),
    rate=Fraction(25),
    rungs=(
        Rung("480", 854, 480, 900_000, copied=True),
        Rung("360", 640, 360, 700_000),
        Rung("240", 426, 240, 400_000),
    ),
    pieces=(
        Piece(0, "picture", 0, 200),
        Piece(1, "picture", 200),
        Piece(2, "sound"),
    ),
    tone_mapped=False,
    warnings=(),
)

Change = Callable[[dict[str, Any]], object]


def order(number: int = 1) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(spec.of(PLAN, PLAN.pieces[number])))
    return made


@pytest.mark.parametrize("number", [0, 1])
def test_an_order_gives_the_command_that_we_would_run(number: int) -> None:
    read = spec.read(order(number))
    assert read.rungs == PLAN.encoded
    assert read.source.sound is None
    ours = commands.encode(PLAN, PLAN.pieces[number], program="ffmpeg", source="in")
    assert commands.encode(read, read.pieces[0], program="ffmpeg", source="in") == ours
    assert spec.seconds(read) == PLAN.length(PLAN.pieces[number])


def test_nothing_is_told_that_is_not_needed() -> None:
    text = json.dumps(order())
    assert "aac" not in text
    assert '"480"' not in text


def put(*path: str | int, value: object) -> Change:
    def change(said: dict[str, Any]) -> None:
        place: Any = said
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


HOSTILE: list[Change] = [
    put("version", value=2),
    put("version", value="1"),
    put("command", value="rm -rf /"),
    put("source", "protocol_whitelist", value="file,http"),
    put("source", "demuxer", value="hls"),
    put("source", "demuxer", value="concat"),
    put("source", "demuxer", value="lavfi"),
    put("source", "demuxer", value=["mov"]),
    put("source", "duration", value=10**9),
    put("source", "duration", value=float("nan")),
    put("source", "duration", value=-1),
    put("source", "size", value=-1),
    put("source", "picture", value=None),
    put("source", "picture", "index", value="0;movie=/etc/passwd"),
    put("source", "picture", "index", value=True),
    put("source", "picture", "index", value=-1),
    put("source", "picture", "coded_width", value=1 << 20),
    put("source", "picture", "coded_height", value=1 << 15),
    put("source", "picture", "transfer", value="bt709:t=linear,movie=/etc/passwd;x"),
    put("source", "picture", "pixel_format", value="yuv420p\0"),
    put("source", "picture", "pixel_format", value="x" * 1000),
    put("source", "picture", "fps", value="1/0"),
    put("source", "picture", "fps", value="25:start_time=0"),
    put("source", "picture", "interlaced", value=1),
    put("source", "picture", "rotation", value=1e3),
    put("rate", value="25,scale=1"),
    put("rate", value="1000000"),
    put("rate", value="1/1000"),
    put("rate", value="30/7"),
    put("rate", value=25),
    put("rungs", value=[]),
    put("rungs", value=None),
    put("rungs", 0, "name", value="../../etc/cron.d/x"),
    put("rungs", 0, "name", value="v"),
    put("rungs", 0, "name", value="240"),  # twice
    put("rungs", 0, "width", value=641),
    put("rungs", 0, "width", value=0),
    put("rungs", 0, "width", value="640"),
    put("rungs", 0, "width", value=1 << 40),
    put("rungs", 0, "bitrate", value=10**12),
    put("rungs", 0, "bitrate", value=0),
    put("rungs", 0, "copied", value=True),
    put("first_frame", value=201),  # not a segment's border
    put("first_frame", value=-100),
    put("first_frame", value=1 << 60),
    put("frames", value=0),
    put("frames", value=1 << 60),
    put("frames", value=2.5),
    put("tone_mapped", value=True),  # the source is no HDR
    put("tone_mapped", value="yes"),
]


@pytest.mark.parametrize("change", HOSTILE)
def test_what_we_would_never_ask_for_is_refused(change: Change) -> None:
    said = order(0)
    change(said)
    with pytest.raises(BadSpec):
        spec.read(said)


@pytest.mark.parametrize("name", sorted(order()))
def test_nothing_may_be_left_out(name: str) -> None:
    said = order()
    del said[name]
    with pytest.raises(BadSpec):
        spec.read(said)


def test_too_many_rungs_are_refused() -> None:
    said = order()
    said["rungs"] = [{**said["rungs"][0], "name": str(number)} for number in range(9)]
    with pytest.raises(BadSpec):
        spec.read(said)


def test_hdr_is_ordered_and_read() -> None:
    plan = replace(
        PLAN,
        source=replace(PLAN.source, picture=replace(PICTURE, transfer="smpte2084")),
        tone_mapped=True,
    )
    assert spec.read(json.loads(json.dumps(spec.of(plan, plan.pieces[0])))).tone_mapped


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
PATHS: list[tuple[str | int, ...]] = [
    *((name,) for name in order()),
    *(("source", name) for name in order()["source"]),
    *(("source", "picture", name) for name in order()["source"]["picture"]),
    *(("rungs", 0, name) for name in order()["rungs"][0]),
]


@given(path=st.sampled_from(PATHS), value=JSON)
def test_no_value_ends_otherwise_than_read_or_refused(
    path: tuple[str | int, ...], value: object
) -> None:
    said = copy.deepcopy(order())
    put(*path, value=value)(said)
    try:
        plan = spec.read(said)
    except BadSpec:
        return
    words = commands.encode(plan, plan.pieces[0], program="ffmpeg", source="in")
    assert all(word.isprintable() and "/etc" not in word for word in words)

"""The ladder follows the source: never larger, never heavier, borders at whole segments."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wetube.video.transcoding import binaries, ladder, plan
from wetube.video.transcoding.media import Picture, Probe, Sound

SOUND = Sound(index=1, codec="aac", channels=2, rate=48_000)
TOOLS = binaries.find()


def picture(width: int = 1920, height: int = 1080, **changes: object) -> Picture:
    plain = Picture(
        index=0,
        codec="h264",
        profile="High",
        pixel_format="yuv420p",
        width=width,
        height=height,
        coded_width=width,
        coded_height=height,
        rotation=0,
        square=True,
        fps=Fraction(30),
        bitrate=4_000_000,
        transfer="bt709",
        interlaced=False,
        key_gap=2.0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the test knows the fields


def planned(shown: Picture | None, seconds: float = 60, **choices: object) -> plan.Plan:
    source = Probe("mov", 10_000_000, seconds, shown, SOUND)
    return plan.plan(source, tools=TOOLS, **choices)  # type: ignore[arg-type]  # likewise


def names(made: plan.Plan) -> list[str]:
    return [rung.name for rung in made.rungs]


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (3840, 2160, ["2160", "1440", "1080", "720", "480", "240"]),
        (7680, 4320, ["2160", "1440", "1080", "720", "480", "240"]),
        (1920, 1080, ["1080", "720", "480", "240"]),
        (1080, 1920, ["1080", "720", "480", "240"]),
        (1920, 800, ["720", "480", "240"]),
        (1280, 720, ["720", "480", "240"]),
        (640, 360, ["360", "240"]),
        (426, 240, ["240"]),
        (32, 18, ["18"]),
        (401, 303, ["302", "240"]),
    ],
)
def test_rungs_by_the_source(width: int, height: int, expected: list[str]) -> None:
    assert names(planned(picture(width, height))) == expected


@settings(deadline=None)
@given(
    width=st.integers(8, 8192),
    height=st.integers(8, 4320),
    bitrate=st.integers(0, 100_000_000),
    rate=st.fractions(Fraction(1, 100), 240),
)
def test_no_rung_is_larger_than_the_source(
    width: int, height: int, bitrate: int, rate: Fraction
) -> None:
    shown = picture(width, height, bitrate=bitrate, fps=rate, key_gap=None)

    rungs = ladder.rungs(shown, rate=ladder.steady(rate), may_copy=True)

    assert rungs
    for rung in rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert rung.short_side <= shown.short_side
        assert max(rung.width, rung.height) <= max(width, height) + 2
        assert rung.width / rung.height == pytest.approx(width / height, rel=0.3)
    sides = [rung.short_side for rung in rungs]
    assert sides == sorted(set(sides), reverse=True)
    assert len({rung.name for rung in rungs}) == len(rungs)


@settings(deadline=None)
@given(rate=st.fractions(Fraction(1, 1000), 1000))
def test_four_seconds_are_whole_frames_at_any_rate(rate: Fraction) -> None:
    steady = ladder.steady(rate)

    assert 5 <= steady <= 60
    gop = round(steady * 4)
    assert gop / steady in {Fraction(4), Fraction(4004, 1000)}


@pytest.mark.parametrize(
    ("rate", "steady"),
    [
        ("30", "30"), ("30000/1001", "30000/1001"), ("24000/1001", "24000/1001"), ("25", "25"),
        ("59.94", "60000/1001"), ("120", "60"), ("144", "48"), ("100", "50"),
        ("29.7", "30000/1001"),
        ("17.3", "18"), ("0.1", "5"),
    ],
)  # fmt: skip
def test_frame_rates(rate: str, steady: str) -> None:
    assert float(ladder.steady(Fraction(rate))) == pytest.approx(float(Fraction(steady)), rel=0.002)


def test_no_rung_spends_more_than_the_source() -> None:
    thin = planned(picture(bitrate=1_000_000, key_gap=None))
    assert all(rung.bitrate <= 1_050_000 for rung in thin.rungs)
    unknown = planned(picture(bitrate=0, key_gap=None))
    assert [rung.bitrate for rung in unknown.rungs] == [5_000_000, 2_800_000, 1_400_000, 400_000]


def test_what_fits_is_copied() -> None:
    made = planned(picture())

    assert made.copied is not None
    assert (made.copied.name, made.copied.width) == ("1080", 1920)
    assert [rung.name for rung in made.encoded] == ["720", "480", "240"]
    assert planned(picture(), may_copy=False).copied is None


@pytest.mark.parametrize(
    "changes",
    [
        {"codec": "hevc"},
        {"pixel_format": "yuv420p10le"},
        {"pixel_format": "yuv444p"},
        {"rotation": 90},
        {"square": False},
        {"interlaced": True},
        {"key_gap": None},
        {"key_gap": 30.0},
        {"bitrate": 20_000_000},
        {"transfer": "arib-std-b67"},
        {"fps": Fraction(120)},
    ],
)
def test_what_does_not_fit_is_encoded(changes: dict[str, Any]) -> None:
    assert planned(picture(**changes)).copied is None


def test_the_lowest_rung_is_always_encoded() -> None:
    assert planned(picture(426, 240, bitrate=300_000)).copied is None


@settings(deadline=None)
@given(
    seconds=st.floats(0.1, 40_000),
    piece=st.floats(1, 1000),
    rate=st.sampled_from(["30", "30000/1001", "24", "25", "7", "60"]),
)
def test_pieces_meet_at_borders_of_segments(seconds: float, piece: float, rate: str) -> None:
    made = planned(picture(fps=Fraction(rate)), seconds, piece_seconds=piece)

    pictures = made.picture_pieces
    assert pictures[0].first_frame == 0
    assert pictures[-1].frames is None
    for one, other in pairwise(pictures):
        assert one.frames is not None
        assert other.first_frame == one.first_frame + one.frames
        assert other.first_frame % made.gop == 0
        assert float(made.seconds(other.first_frame)) < seconds
    assert [each.index for each in made.pieces] == list(range(len(made.pieces)))
    assert sum(made.length(each) for each in pictures) == pytest.approx(seconds, abs=0.01)


def test_long_videos_are_cut_and_their_sound_is_not() -> None:
    made = planned(picture(), 3600)

    assert len(made.picture_pieces) == 15
    assert [each.kind for each in made.pieces if each.kind != "picture"] == ["sound"]
    assert made.sound_piece == made.pieces[-1]
    assert len(planned(picture(), 3600, piece_seconds=0).pieces) == 1


def test_containers_that_cannot_seek_well_stay_whole() -> None:
    source = Probe("mpegts", 10_000_000, 3600, picture(), SOUND)

    assert [each.kind for each in plan.plan(source, tools=TOOLS).pieces] == ["all"]


def test_sound_alone_needs_no_rung() -> None:
    made = planned(None)

    assert (made.rungs, made.lowest, made.copied) == ((), None, None)
    assert plan.Plan.from_json(made.to_json()) == made


def test_hdr_without_zscale_is_said_aloud() -> None:
    bare = replace(TOOLS, filters=TOOLS.filters - {"zscale"})
    source = Probe("mov", 1, 10, picture(transfer="smpte2084"), SOUND)

    assert "zscale" in plan.plan(source, tools=bare).warnings[0]
    assert plan.plan(
        source, tools=replace(TOOLS, filters=TOOLS.filters | {"zscale", "tonemap"})
    ).tone_mapped

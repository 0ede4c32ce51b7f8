"""Pieces, openings and copies fit together as if one run had made everything."""

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.video.transcoding.conftest import Ask, Clips, Publish
from wetube.video.transcoding import (
    copy,
    encode,
    opening,
    package,
    plan,
    probe,
    runs,
)
from wetube.video.transcoding.fragments import Track
from wetube.video.transcoding.plan import Plan
from wetube.video.transcoding.preview import Preview

pytestmark = [pytest.mark.media, pytest.mark.timeout(300)]


@pytest.fixture(scope="session", params=["30", "30000/1001", "25"])
def long(request: pytest.FixtureRequest, clips: Clips) -> Path:
    """26 seconds that open into 480 and 240; not a whole number of segments."""
    name = f"long-{request.param.replace('/', '-')}.mp4"
    return clips.film(name, size="640x480", rate=request.param, seconds=26)


@pytest.fixture(scope="session")
def steady(clips: Clips) -> Path:
    return clips.film("long-30.mp4", size="640x480", rate="30", seconds=26)


def planned(source: Path, work: Path, piece_seconds: float = 240) -> Plan:
    return plan.plan(probe.probe(source, work=work), piece_seconds=piece_seconds, may_copy=False)


def times(ask: Ask, path: Path) -> list[float]:
    """When each frame is shown, in order, from the first one on.

    The first one's own time is Fragment.start: ffprobe counts the time that frames wait
    to be reordered, because no edit list tells it not to.
    """
    packets = ask(path, "-show_packets", "-select_streams", "v")["packets"]
    shown = sorted(float(packet["pts_time"]) for packet in packets)
    return [time - shown[0] for time in shown]


def keys(ask: Ask, path: Path) -> list[float]:
    """When each key frame is shown, from the first one on."""
    packets = ask(path, "-show_packets", "-select_streams", "v")["packets"]
    shown = [float(packet["pts_time"]) for packet in packets if "K" in packet["flags"]]
    return [time - shown[0] for time in shown]


def test_joined_pieces_equal_the_whole(
    long: Path, publish: Publish, ask: Ask, work: Path, tmp_path: Path
) -> None:
    whole = publish(long, may_copy=False)
    kept = tmp_path / "whole"
    shutil.copytree(whole.folder, kept)

    joined = publish(long, may_copy=False, piece_seconds=8)

    assert (work / "piece-0002").is_dir()
    for name in ("v480.mp4", "v240.mp4"):
        made, expected = times(ask, joined.folder / name), times(ask, kept / name)
        assert len(made) == len(expected)
        assert made == pytest.approx(expected, abs=1e-4)
        track = encode.index(joined.folder / name)
        assert track.largest_gap() < 1e-4
        assert track.fragments[0].start == 0
    assert joined.duration == pytest.approx(whole.duration, abs=1e-3)
    assert [each.codec for each in joined.renditions] == [each.codec for each in whole.renditions]


def test_a_piece_begins_with_the_very_frame_the_whole_has_there(
    clips: Clips, work: Path, tmp_path: Path
) -> None:
    """Burnt-in numbers cannot lie: compare the pictures around the border."""
    source = clips.film("marked.mp4", size="320x240", rate="30", seconds=18)
    cut, whole = planned(source, work, 8), planned(source, work)
    for piece in cut.pieces:
        encode.encode(source, cut, piece, work)
    encode.encode(source, whole, whole.pieces[0], tmp_path)

    border = 8 * 30
    clips.make(
        "near.null",
        *("-i", str(package.package(work, cut).folder / "v240.mp4")),
        *("-i", str(tmp_path / "piece-0000" / "v240.mp4")),
        *("-lavfi", f"ssim=stats_file={tmp_path / 'ssim.log'}", "-f", "null"),
    )
    rows = (tmp_path / "ssim.log").read_text().splitlines()
    alike = [float(row.split("All:")[1].split()[0]) for row in rows]
    assert len(alike) == 18 * 30
    assert min(alike[border - 5 : border + 5]) > 0.97


def test_key_frames_of_all_rungs_lie_at_the_same_moments(
    long: Path, publish: Publish, ask: Ask
) -> None:
    folder = publish(long, may_copy=False).folder

    upper, lower = keys(ask, folder / "v480.mp4"), keys(ask, folder / "v240.mp4")

    assert upper == pytest.approx(lower, abs=1e-4)
    assert len(upper) == 7
    assert upper[1] == pytest.approx(4, abs=0.01)


def test_picture_and_sound_begin_together(clips: Clips, publish: Publish, ask: Ask) -> None:
    """A beep and a flash at the same second still are after all the cutting."""
    shown = (
        "color=black:size=320x240:rate=30:duration=4,drawbox=color=white:t=fill:enable='gte(t,2)'"
    )
    heard = "sine=frequency=1000:duration=4:sample_rate=48000,volume=0:enable='lt(t,2)'"
    source = clips.make(
        "beep.mov",
        *("-f", "lavfi", "-i", shown, "-f", "lavfi", "-i", heard),
        *("-c:v", "libx264", "-c:a", "pcm_s16le"),
    )

    folder = publish(source).folder

    raw = clips.make("beep.s16", "-i", str(folder / "a.mp4"), "-ac", "1", "-f", "s16le")
    samples = memoryview(raw.read_bytes()).cast("h")
    beep = next(place for place, value in enumerate(samples) if abs(value) > 2000) / 48000
    assert beep == pytest.approx(2, abs=0.025)
    for name in ("a.mp4", "v240.mp4"):
        assert encode.index(folder / name).fragments[0].start == 0
    for stream in ask(folder / "progressive.mp4")["streams"]:
        assert float(stream["start_time"]) == pytest.approx(0, abs=0.001)
    spaced = times(ask, folder / "v240.mp4")
    assert spaced == pytest.approx([frame / 30 for frame in range(120)], abs=1e-3)


def test_an_opening_and_the_main_job_are_interchangeable(
    steady: Path, work: Path, ask: Ask, tmp_path: Path
) -> None:
    made = planned(steady, work)
    early = opening.opening(steady, made, work)
    encode.encode(steady, made, made.pieces[0], work)
    main = work / "piece-0000"

    for name in ("v240.mp4", "a.mp4"):
        first, second = encode.index(early / name), encode.index(main / name)
        assert first.read(0, first.known.length) == second.read(0, second.known.length)
        whole = first.fragments[:-1] if name == "a.mp4" else first.fragments
        assert len(whole) == 2
        for one, other in zip(whole, second.fragments, strict=False):
            assert (one.start, one.duration, one.samples) == (
                other.start, other.duration, other.samples,
            )  # fmt: skip

    mixed = tmp_path / "mixed.mp4"
    first, second = encode.index(early / "v240.mp4"), encode.index(main / "v240.mp4")
    parts = [(first, each) for each in first.fragments]
    parts += [(second, each) for each in second.fragments[2:]]
    mixed.write_bytes(
        first.read(0, first.known.length)
        + b"".join(track.read(each.offset, each.length) for track, each in parts)
    )
    shown = times(ask, mixed)
    assert len(shown) == 26 * 30
    assert shown == pytest.approx([frame / 30 for frame in range(26 * 30)], abs=1e-3)


def test_a_preview_grows_without_a_hole_and_ends_whole(steady: Path, work: Path) -> None:
    made = planned(steady, work, 8)
    preview = Preview(made, work)
    seen: dict[str, bytes] = {}
    masters: list[str] = []

    def look(_: runs.Progress | None = None) -> None:
        for segment in preview.poll():
            assert segment.name not in seen
            seen[segment.name] = segment.read()
        texts = preview.playlists()
        if texts:
            masters.append(texts["master.m3u8"])
            assert all("#EXT-X-ENDLIST" not in text for text in texts.values())

    assert preview.poll() == []
    assert preview.playlists() == {}
    opening.opening(steady, made, work, look)
    look()
    assert "v240.m3u8" in masters[-1]
    assert "v480.m3u8" not in masters[-1]
    for piece in made.pieces:
        encode.encode(steady, made, piece, work, look)
    look()

    closed = preview.playlists(ended=True)
    for stem, count in (("v480", 7), ("v240", 7), ("a", 7)):
        listed = [line for line in closed[f"{stem}.m3u8"].splitlines() if line.endswith(".m4s")]
        assert listed == [f"{stem}-{number:05}.m4s" for number in range(count)]
        assert set(listed) <= set(seen)
        assert closed[f"{stem}.m3u8"].endswith("#EXT-X-ENDLIST\n")
    again = Preview(made, work)
    again.poll()
    assert again.playlists(ended=True) == closed
    assert preview.seconds() == pytest.approx(26, abs=0.05)


def test_a_preview_shows_nothing_behind_a_piece_that_is_missing(steady: Path, work: Path) -> None:
    made = planned(steady, work, 8)
    for number in (0, 2, 3):
        encode.encode(steady, made, made.pieces[number], work)
    preview = Preview(made, work)
    preview.poll()

    assert preview.seconds() == pytest.approx(8, abs=0.05)


def test_a_source_that_fits_is_copied(clips: Clips, publish: Publish, ask: Ask) -> None:
    source = clips.film(
        "fits.mp4", size="640x480", seconds=10, options=["-pix_fmt", "yuv420p", "-crf", "30"]
    )

    packaged = publish(source)

    assert [each.name for each in packaged.renditions] == ["480", "240", "sound"]
    copied = times(ask, packaged.folder / "v480.mp4")
    assert copied == pytest.approx(times(ask, source), abs=1e-3)
    assert encode.index(packaged.folder / "v480.mp4").fragments[0].start == 0


def test_a_plan_survives_its_row(steady: Path, work: Path) -> None:
    made = planned(steady, work, 8)
    stored: dict[str, Any] = json.loads(json.dumps(made.to_json()))

    assert Plan.from_json(stored) == made
    assert made.rate == Fraction(30)


def test_a_copy_is_only_made_where_it_is_planned(film: Path, work: Path) -> None:
    assert copy.copy(film, planned(film, work), work) is None
    assert Track(work / "copied" / "v240.mp4").poll() == []

"""Damaged, interrupted or told too much: what is left is whole, or there is nothing."""

import os
import signal
import threading
from pathlib import Path

import pytest

from tests.video.transcoding.conftest import Ask, Clips, Publish
from wetube.video.transcoding import (
    BadMedia,
    Cancelled,
    FfmpegFailed,
    encode,
    package,
    plan,
    probe,
    runs,
)
from wetube.video.transcoding.plan import Plan

pytestmark = [pytest.mark.media, pytest.mark.timeout(300)]


@pytest.fixture(scope="session")
def steady(clips: Clips) -> Path:
    return clips.film("long-30.mp4", size="640x480", rate="30", seconds=26)


def planned(source: Path, work: Path, piece_seconds: float = 240) -> Plan:
    return plan.plan(probe.probe(source, work=work), piece_seconds=piece_seconds, may_copy=False)


def test_metadata_is_gone(clips: Clips, publish: Publish, ask: Ask) -> None:
    secret = "Erika Mustermann"
    told = ["-metadata", f"title={secret}", "-metadata", f"artist={secret}"]
    told += ["-metadata", "location=+52.5200+013.4050/", "-metadata:s:v", f"title={secret}"]
    told += ["-metadata", "creation_time=2020-02-02T02:02:02Z", "-metadata:s:a", "language=deu"]
    told += ["-movflags", "use_metadata_tags", "-pix_fmt", "yuv420p", "-crf", "30"]
    source = clips.film("told.mp4", size="640x480", seconds=5, options=told)
    assert secret.encode() in source.read_bytes()

    packaged = publish(source)

    assert (packaged.folder.parent / "copied" / "v480.mp4").exists()
    for path in packaged.folder.iterdir():
        data = path.read_bytes()
        for trace in (secret.encode(), b"52.52", b"2020-02-02", b"Lavf5", b"Lavc5", b"deu"):
            assert trace not in data, path.name
    tags = ask(packaged.folder / "progressive.mp4")["format"].get("tags", {})
    assert set(tags) <= {"major_brand", "minor_version", "compatible_brands"}


def test_a_truncated_source_yields_what_there_is(clips: Clips, publish: Publish) -> None:
    whole = clips.film("front.mp4", seconds=12, options=["-movflags", "+faststart"])
    cut = clips.folder / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    packaged = publish(cut)

    assert 2 < packaged.duration < 9
    assert any("incomplete" in warning for warning in packaged.warnings)


def test_almost_nothing_of_a_source_is_refused(clips: Clips, publish: Publish, work: Path) -> None:
    whole = clips.film("front.mp4", seconds=12, options=["-movflags", "+faststart"])
    stub = clips.folder / "stub.mp4"
    data = whole.read_bytes()
    stub.write_bytes(data[: data.index(b"mdat") + 40])

    with pytest.raises(BadMedia):
        publish(stub)
    assert not (work / "piece-0000" / "done.json").exists()
    assert not (work / package.FOLDER).exists()


def test_a_piece_is_made_anew_over_the_rests_of_a_killed_one(film: Path, work: Path) -> None:
    made = planned(film, work)
    folder = work / "piece-0000"
    folder.mkdir()
    (folder / "v240.mp4").write_bytes(b"half a box")
    (folder / "v9999.mp4").write_bytes(b"of another plan")

    assert encode.done(work, made.pieces[0]) is None
    told = encode.encode(film, made, made.pieces[0], work)

    assert encode.done(work, made.pieces[0]) == told
    assert sorted(path.name for path in folder.iterdir()) == ["a.mp4", "done.json", "v240.mp4"]
    (work / "result.part").mkdir()
    (work / "result.part" / "rest").write_text("of a killed call")
    first = package.package(work, made)
    assert package.package(work, made) == first
    assert "rest" not in first.files


def test_packaging_without_all_pieces_is_refused(steady: Path, work: Path) -> None:
    made = planned(steady, work, 8)
    encode.encode(steady, made, made.pieces[0], work)

    with pytest.raises(FfmpegFailed, match="Piece 1"):
        package.package(work, made)
    assert not (work / package.FOLDER).exists()


def test_progress_grows_to_the_end(steady: Path, work: Path) -> None:
    made = planned(steady, work)
    told: list[runs.Progress] = []

    encode.encode(steady, made, made.pieces[0], work, told.append)

    fractions = [each.fraction for each in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert told[-1].seconds_left == 0
    assert told[-1].speed > 0


def test_cancelling_stops_at_once(clips: Clips, work: Path) -> None:
    heavy = clips.film("heavy.mp4", size="1280x720", seconds=20)
    made = planned(heavy, work)
    stop = threading.Event()

    def begun(_: runs.Progress) -> None:
        stop.set()

    with pytest.raises(Cancelled):
        encode.encode(heavy, made, made.pieces[0], work, begun, stop.is_set)
    assert encode.done(work, made.pieces[0]) is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_ffmpeg_is_no_short_film(number: int, clips: Clips, work: Path) -> None:
    """The machine got in the way: it may be tried again, and nothing looks finished."""
    heavy = clips.film("heavy.mp4", size="1280x720", seconds=20)
    made = planned(heavy, work)

    def kill(_: runs.Progress) -> None:
        for pid in ffmpegs_of(os.getpid()):
            os.kill(pid, number)

    with pytest.raises(FfmpegFailed, match="SIG"):
        encode.encode(heavy, made, made.pieces[0], work, kill)
    assert encode.done(work, made.pieces[0]) is None

    encode.encode(heavy, made, made.pieces[0], work)
    assert encode.done(work, made.pieces[0]) is not None


def ffmpegs_of(parent: int) -> list[int]:
    """The ffmpeg processes among the descendants of a process."""
    found, waiting = list[int](), [parent]
    while waiting:
        folder = Path("/proc") / str(waiting.pop())
        for task in folder.glob("task/*/children"):
            waiting += [int(each) for each in task.read_text().split()]
        if (folder / "comm").read_text().strip() == "ffmpeg":
            found.append(int(folder.name))
    return found

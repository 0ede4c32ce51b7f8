"""What strangers get of a source: its picture, frame for frame, and nothing it carried along."""

from pathlib import Path

import pytest

from tests.video.transcoding.conftest import Ask, Clips
from wetube.video.transcoding import plan, probe, sharing, spec
from wetube.video.transcoding.plan import Plan
from wetube.video.transcoding.sharing import Unshareable

pytestmark = [pytest.mark.media, pytest.mark.timeout(300)]

TOLD = ("-metadata", "location=+48.85+002.35/", "-metadata:s:v", "title=Grandma's garden")


def planned(source: Path, work: Path) -> Plan:
    return plan.plan(probe.probe(source, work=work), piece_seconds=4, may_copy=False)


def test_the_picture_goes_alone(clips: Clips, work: Path, ask: Ask) -> None:
    source = clips.film("told-where.mp4", seconds=9, options=TOLD)
    assert b"garden" in source.read_bytes()
    made = planned(source, work)
    shared = sharing.share(source, made, work)
    data = shared.read_bytes()
    for told in (b"48.85", b"garden", b"x264"):
        assert told not in data
    found = ask(shared)
    assert [stream["codec_type"] for stream in found["streams"]] == ["video"]
    theirs = sharing.plan_for(made, shared.stat().st_size)
    again = probe.probe(shared, work=work)
    assert again.sound is None
    assert theirs.source.size == again.size
    assert spec.read(spec.of(theirs, theirs.pieces[1])).source.picture == theirs.source.picture


def test_a_source_whose_sound_comes_first_stays_here(clips: Clips, work: Path) -> None:
    """Then all frames lie later than in the picture alone, and the cuts would not fit."""
    quiet = clips.film("alone.mp4", seconds=9, sound=False)
    source = clips.make(
        "late.mkv",
        *("-itsoffset", "0.5", "-i", str(quiet)),
        *("-f", "lavfi", "-i", "sine=duration=9", "-map", "0:v", "-map", "1:a", "-c:v", "copy"),
    )
    with pytest.raises(Unshareable):
        sharing.share(source, planned(source, work), work)


def test_what_is_not_cut_is_not_shared(clips: Clips, work: Path) -> None:
    source = clips.film("stream.ts", seconds=9)
    with pytest.raises(Unshareable):
        sharing.share(source, planned(source, work), work)

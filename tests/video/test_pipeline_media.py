"""A real file goes through real ffmpeg into blocks, and what comes out plays."""

from pathlib import Path

import pytest
from django.db import OperationalError
from pytest_django import Settings

from tests import make
from tests.video.clips import make_clip
from wetube.content import network
from wetube.content.models import Name, Pin
from wetube.people.models import Channel
from wetube.video import editing, encoding, pipeline, progress, search, workshop
from wetube.video.models import Piece, Video
from wetube.video.transcoding import copy
from wetube.video.transcoding.errors import FfmpegFailed
from wetube.video.transcoding.plan import Plan

pytestmark = [pytest.mark.media, pytest.mark.django_db]


def uploaded(channel: Channel, source: Path | bytes, **clip: object) -> Video:
    video = make.video(channel, state=Video.State.UPLOADED)
    target = workshop.source(video.key)
    target.parent.mkdir(parents=True)
    if isinstance(source, bytes):
        target.write_bytes(source)
    else:
        source.rename(target)
    return video


def run(video: Video) -> Video:
    """What the workers would do, one after the other."""
    for _ in range(20):
        more = pipeline.advance(video.pk)
        if not more and encoding.encode_next() is None:
            break
    video.refresh_from_db()
    return video


def test_a_film_is_published_and_can_be_found(channel: Channel, tmp_path: Path) -> None:
    video = run(uploaded(channel, make_clip(tmp_path / "clip.mp4")))

    assert video.state == Video.State.PUBLISHED, video.failure
    assert video.duration == pytest.approx(6, abs=0.2)
    master = network.read(f"{video.cid}/master.m3u8").decode()
    assert "CODECS=" in master
    assert "FRAME-RATE=25.000" in master
    assert {row.name for row in video.renditions.all()} >= {"360", "240", "sound"}
    assert network.read(f"{video.poster_cid}/poster.jpg").startswith(b"\xff\xd8")
    assert Pin.objects.get(holder=video.holder).is_open
    assert list(search.find("storm", viewer=channel.owner)) == [video]
    assert not workshop.source(video.key).exists()


def test_a_film_can_be_watched_before_it_is_done(channel: Channel, tmp_path: Path) -> None:
    video = uploaded(channel, make_clip(tmp_path / "clip.mp4", seconds=20))
    pipeline.advance(video.pk)
    encoding.encode_next()

    video.refresh_from_db()
    assert video.state == Video.State.PLANNED
    assert video.has_preview
    name = Name.objects.get(name=video.preview_name)
    playlist = network.read(f"{name.cid}/v240.m3u8").decode()
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in playlist
    assert network.read(f"{name.cid}/v240-00000.m4s")[4:8] == b"moof"


def test_a_long_film_is_shared_by_workers(
    channel: Channel, tmp_path: Path, settings: Settings
) -> None:
    settings.PIECE_SECONDS = 8
    video = run(uploaded(channel, make_clip(tmp_path / "clip.mp4", seconds=20)))

    assert video.pieces.count() > 2
    assert video.state == Video.State.PUBLISHED, video.failure
    assert video.duration == pytest.approx(20, abs=0.2)


def test_what_a_killed_worker_left_is_done_again(channel: Channel, tmp_path: Path) -> None:
    video = uploaded(channel, make_clip(tmp_path / "clip.mp4"))
    pipeline.advance(video.pk)
    bench = workshop.bench(video.key)
    (bench / "piece-0000").mkdir()
    (bench / "piece-0000" / "v360.mp4").write_bytes(b"half a header")
    Piece.objects.update(attempts=1)

    assert run(video).state == Video.State.PUBLISHED


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"This is a letter, not a film.\n" * 50,
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile secret.mp4\n",
        b"\x00\x00\x00\x18ftypmp42" + bytes(500),
    ],
)
def test_what_is_no_film_ends_failed_with_a_sentence(channel: Channel, source: bytes) -> None:
    video = run(uploaded(channel, source))

    assert video.state == Video.State.FAILED
    assert video.failure.endswith(".")
    assert not Pin.objects.exists()
    assert not video.cid


def test_a_piece_is_encoded_while_the_database_is_away(
    channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = uploaded(channel, make_clip(tmp_path / "clip.mp4"))
    pipeline.advance(video.pk)
    tell = progress.tell

    def away_once(video: Video) -> None:
        monkeypatch.setattr(progress, "tell", tell)
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(progress, "tell", away_once)
    encoding.encode_next()

    assert progress.tell is tell
    piece = Piece.objects.get(video=video, number=0)
    assert (piece.state, piece.attempts) == (Piece.State.ENCODED, 1)


def test_a_failed_film_can_be_tried_again(channel: Channel, tmp_path: Path) -> None:
    video = run(uploaded(channel, b"nonsense"))
    make_clip(tmp_path / "clip.mp4").rename(workshop.source(video.key))

    assert editing.retry(video) is True
    assert run(video).state == Video.State.PUBLISHED


def test_a_frame_becomes_the_poster(channel: Channel, tmp_path: Path) -> None:
    video = run(uploaded(channel, make_clip(tmp_path / "clip.mp4")))
    before = video.poster_cid

    editing.choose_poster(video, 4.5)

    video.refresh_from_db()
    assert video.poster_cid != before
    assert network.read(f"{video.cid}/poster.jpg").startswith(b"\xff\xd8")
    assert network.read(f"{video.cid}/master.m3u8")


def test_a_source_that_cannot_be_copied_is_encoded(
    channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, plan: Plan, out_dir: Path, **options: object) -> None:
        if plan.copied:
            raise FfmpegFailed("It came out short.")

    monkeypatch.setattr(copy, "copy", refuse)
    video = uploaded(channel, make_clip(tmp_path / "clip.mp4"))
    pipeline.advance(video.pk)
    assert _copies(Video.objects.get(pk=video.pk))

    assert run(video).state == Video.State.PUBLISHED
    assert not _copies(video)


def _copies(video: Video) -> bool:
    return any(rung["copied"] for rung in (video.plan or {})["rungs"])

"""Room is promised before the first byte; a finished upload sets its film on its way once."""

import os

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests import make
from wetube.people.models import Channel, User
from wetube.video import sweeping, uploads, workshop
from wetube.video.models import Video
from wetube.video.transcoding import sandbox

MEGABYTE = 1 << 20


def test_a_film_is_announced_with_a_readable_title(channel: Channel) -> None:
    video = uploads.begin(channel=channel, name="my_first\u0007 film.mp4", size=MEGABYTE)

    assert video.title == "my first film"
    assert video.state == Video.State.UPLOADING
    assert video.source_size == MEGABYTE


@pytest.mark.parametrize(
    "name",
    ["te[s]t_ video %'\"\n.mp4", "../../etc/passwd", "C:\\films\\a.avi", "\u202egnp.exe", ""],
)
def test_hostile_names_become_plain_titles(channel: Channel, name: str) -> None:
    title = uploads.begin(channel=channel, name=name, size=1).title

    assert title.isprintable()
    assert title
    assert "/" not in title


def test_a_file_over_the_quota_is_refused_before_bytes_are_taken(
    channel: Channel, settings: Settings
) -> None:
    settings.USER_QUOTA_BYTES = 10 * MEGABYTE
    make.video(channel, source_size=8 * MEGABYTE)

    with pytest.raises(uploads.UploadRefused, match="quota"):
        uploads.begin(channel=channel, name="a.mp4", size=3 * MEGABYTE)

    assert Video.objects.count() == 1


def test_a_day_has_a_number_of_uploads(channel: Channel, settings: Settings) -> None:
    settings.DAILY_UPLOADS = 1
    make.video(channel)

    with pytest.raises(uploads.UploadRefused, match="tomorrow"):
        uploads.begin(channel=channel, name="a.mp4", size=1)

    assert Video.objects.count() == 1


def test_without_a_sandbox_nothing_is_taken_unless_the_operator_says_so(
    channel: Channel, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "level", lambda: "limits")

    with pytest.raises(uploads.UploadRefused, match="bubblewrap"):
        uploads.begin(channel=channel, name="a.mp4", size=5)
    assert not Video.objects.exists()

    settings.ALLOW_WEAK_SANDBOX = True
    assert uploads.begin(channel=channel, name="a.mp4", size=5).pk


def test_finishing_twice_asks_the_workers_once(
    channel: Channel, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    video = uploads.begin(channel=channel, name="a.mp4", size=5)

    with django_capture_on_commit_callbacks() as first:
        uploads.finish(video.key, size=5)
    with django_capture_on_commit_callbacks() as second:
        uploads.finish(video.key, size=5)

    video.refresh_from_db()
    assert video.state == Video.State.UPLOADED
    assert (len(first), len(second)) == (1, 0)


def test_a_cancelled_upload_leaves_nothing(channel: Channel) -> None:
    video = uploads.begin(channel=channel, name="a.mp4", size=5)
    source = workshop.source(video.key)
    source.parent.mkdir(parents=True)
    source.write_bytes(b"abc")

    uploads.cancel(video)

    assert not source.exists()
    assert not Video.objects.exists()
    assert uploads.finish(video.key, size=5) is None


def test_a_film_on_its_way_cannot_be_cancelled(channel: Channel) -> None:
    video = make.video(channel, state=Video.State.UPLOADED)

    uploads.cancel(video)

    assert Video.objects.filter(pk=video.pk).exists()


def test_the_sweep_finishes_an_upload_whose_last_word_was_lost(channel: Channel) -> None:
    whole, half, fresh, unsure = (
        uploads.begin(channel=channel, name=name, size=3) for name in "abcd"
    )
    for video, data in ((whole, b"abc"), (half, b"ab"), (fresh, b"abc"), (unsure, b"abc")):
        source = workshop.source(video.key)
        source.parent.mkdir(parents=True)
        source.write_bytes(data)
        if video != fresh:
            os.utime(source, (0, 0))
    (workshop.source(unsure.key).parent / "unverified").touch()

    sweeping.finish_uploads()

    states = [Video.objects.get(pk=video.pk).state for video in (whole, half, fresh, unsure)]
    assert states == ["uploaded", "uploading", "uploading", "uploading"]


def test_what_is_published_and_what_is_coming_both_count(channel: Channel, alice: User) -> None:
    make.video(channel, state=Video.State.PUBLISHED, size=100, source_size=70)
    make.video(channel, state=Video.State.UPLOADING, source_size=30)

    assert uploads.used_by(alice) == 130

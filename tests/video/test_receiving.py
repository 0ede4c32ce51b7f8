"""The gateway may say twice that a file is whole; bytes nobody waits for are not taken."""

import pytest

from tests import make
from wetube.people.models import Channel
from wetube.video import receiving
from wetube.video.models import Video


def test_the_last_byte_sets_a_film_on_its_way(channel: Channel) -> None:
    video = make.video(channel, source_size=5)

    shown = receiving.receive(video.key, size=5, filename="a.mp4")

    assert shown.endswith(video.get_absolute_url())
    assert receiving.receive(video.key, size=5, filename="a.mp4") == shown
    video.refresh_from_db()
    assert video.state == Video.State.UPLOADED


def test_a_plain_form_names_its_film_at_the_end(channel: Channel) -> None:
    video = make.video(channel, title="Untitled", source_size=0)

    receiving.receive(video.key, size=7, filename="storm_at_sea.mp4")

    video.refresh_from_db()
    assert (video.title, video.source_size) == ("storm at sea", 7)


def test_bytes_for_a_published_or_cancelled_film_are_refused(channel: Channel) -> None:
    video = make.published(channel)

    for key in (video.key, "nobodyknows"):
        with pytest.raises(receiving.Cancelled):
            receiving.receive(key, size=5, filename="a.mp4")

    video.refresh_from_db()
    assert video.state == Video.State.PUBLISHED

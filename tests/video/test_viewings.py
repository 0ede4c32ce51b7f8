"""A view counts after ten seconds, once a viewing, and says nothing about who."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests import make
from wetube.people.models import Channel
from wetube.video import viewings
from wetube.video.models import SpentViewing, ViewDay


def test_a_view_counts_after_ten_seconds_and_once(channel: Channel) -> None:
    video = make.published(channel)
    token = viewings.token(video)

    with time_machine.travel(timezone.now() + timedelta(seconds=10), tick=False):
        assert viewings.count(video, token) is True
        assert viewings.count(video, token) is False

    video.refresh_from_db()
    assert video.views == 1
    assert ViewDay.objects.get().count == 1


def test_a_view_too_soon_is_refused(channel: Channel) -> None:
    video = make.published(channel)

    with pytest.raises(viewings.NotAView, match="ten seconds"):
        viewings.count(video, viewings.token(video))

    video.refresh_from_db()
    assert video.views == 0
    assert not SpentViewing.objects.exists()


def test_another_films_token_is_refused(channel: Channel) -> None:
    one, other = make.published(channel), make.published(channel)
    token = viewings.token(one)

    with (
        time_machine.travel(timezone.now() + timedelta(seconds=30), tick=False),
        pytest.raises(viewings.NotAView, match="another video"),
    ):
        viewings.count(other, token)


@pytest.mark.parametrize("said", ["", "x", "a:b:c", "WyJ4IiwieSJd:1a:AAAA"])
def test_a_forged_token_is_refused(channel: Channel, said: str) -> None:
    video = make.published(channel)

    with pytest.raises(viewings.NotAView):
        viewings.count(video, said)


def test_an_old_token_is_refused(channel: Channel) -> None:
    video = make.published(channel)
    token = viewings.token(video)

    with (
        time_machine.travel(timezone.now() + timedelta(hours=25), tick=False),
        pytest.raises(viewings.NotAView),
    ):
        viewings.count(video, token)


def test_a_short_video_counts_at_its_end(channel: Channel) -> None:
    video = make.published(channel, duration=5.0)
    token = viewings.token(video)

    with pytest.raises(viewings.NotAView):
        viewings.count(video, token)
    with time_machine.travel(timezone.now() + timedelta(seconds=5), tick=False):
        assert viewings.count(video, token) is True

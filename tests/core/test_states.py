"""A row moves only along declared transitions, and only one hand moves or holds it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import make
from wetube.core import claims
from wetube.core.states import TransitionRefused
from wetube.people.models import Channel
from wetube.video.models import Video


def test_a_declared_move_changes_state_and_columns_together(channel: Channel) -> None:
    video = make.video(channel)

    video.move_to(Video.State.UPLOADED, source_size=7)

    assert (video.state, video.source_size) == (Video.State.UPLOADED, 7)


def test_an_undeclared_move_is_refused_and_changes_nothing(channel: Channel) -> None:
    video = make.video(channel)

    with pytest.raises(TransitionRefused):
        video.move_to(Video.State.PUBLISHED, source_size=7)

    video.refresh_from_db()
    assert (video.state, video.source_size) == (Video.State.UPLOADING, 0)


def test_of_two_hands_one_wins(channel: Channel) -> None:
    one = make.video(channel)
    other = Video.objects.get(pk=one.pk)
    one.move_to(Video.State.UPLOADED)

    with pytest.raises(TransitionRefused, match="already left"):
        other.move_to(Video.State.UPLOADED, source_size=7)

    one.refresh_from_db()
    assert one.source_size == 0


def test_a_claim_keeps_others_out_until_it_ends(channel: Channel) -> None:
    video = make.video(channel)
    assert Video.objects.all().claim(video.pk, until=claims.until()) is not None

    assert Video.objects.all().claim(video.pk, until=claims.until()) is None

    Video.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert Video.objects.all().claim(video.pk, until=claims.until()) is not None


def test_a_lost_claim_is_not_renewed(channel: Channel) -> None:
    video = make.video(channel)
    mine = Video.objects.all().claim(video.pk, until=claims.until())
    assert mine is not None
    Video.objects.update(claimed_until=timezone.now() + timedelta(hours=1))

    assert mine.renew(until=claims.until()) is False


def test_releasing_a_claim_that_was_lost_leaves_the_new_one(channel: Channel) -> None:
    video = make.video(channel)
    mine = Video.objects.all().claim(video.pk, until=claims.until())
    assert mine is not None
    later = timezone.now() + timedelta(hours=1)
    Video.objects.update(claimed_until=later)

    mine.release()

    video.refresh_from_db()
    assert video.claimed_until == later

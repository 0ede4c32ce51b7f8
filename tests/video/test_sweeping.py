"""The rounds clear what nobody needs, and nothing else."""

from datetime import timedelta

from django.utils import timezone

from tests import make
from wetube.content import network
from wetube.content.models import Name
from wetube.people.models import Channel
from wetube.video import sweeping, workshop
from wetube.video.models import Video


def test_the_workshop_keeps_films_on_their_way_alone(channel: Channel) -> None:
    coming = make.video(channel, state=Video.State.PLANNED)
    published = make.published(channel)
    for key in (coming.key, published.key, "deletedfilm"):
        (workshop.bench(key) / "piece-0000").mkdir()

    sweeping.forget()

    assert workshop.keys() == {coming.key}


def test_a_preview_is_forgotten_when_nobody_can_still_be_watching_it(channel: Channel) -> None:
    old, new = make.published(channel), make.published(channel)
    for video in (old, new):
        network.point(video.preview_name, video.cid, is_open=True)
    Video.objects.filter(pk=old.pk).update(state_since=timezone.now() - timedelta(hours=13))

    sweeping.forget()

    assert [name.name for name in Name.objects.all()] == [new.preview_name]


def test_an_upload_nobody_goes_on_with_gives_its_room_back(channel: Channel) -> None:
    old = make.video(channel, created=timezone.now() - timedelta(days=8))
    new = make.video(channel)

    sweeping.forget()

    assert list(Video.objects.all()) == [new]
    assert not Video.objects.filter(pk=old.pk).exists()

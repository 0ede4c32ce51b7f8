"""Who leaves takes their films along, from the rows, the index and the node."""

from tests import make
from wetube.content.models import Pin
from wetube.people import channels, farewell
from wetube.people.models import Channel, User
from wetube.video import search
from wetube.video.models import Video


def test_films_go_with_their_owner(channel: Channel, alice: User, bob: User) -> None:
    make.published(channel)
    other = make.published(make.channel(bob), title="Calm")

    farewell.leave(alice)

    assert list(Video.objects.all()) == [other]
    assert set(Pin.objects.values_list("holder", flat=True)) == {other.holder, other.poster_holder}
    assert list(search.find("storm", viewer=bob)) == []


def test_films_go_with_their_channel(channel: Channel) -> None:
    video = make.published(channel)

    channels.delete(channel)

    assert not Video.objects.filter(pk=video.pk).exists()
    assert not Pin.objects.exists()

"""A card is made once, and anew as soon as anything on it changes."""

import pytest
from django.utils import translation

from tests import make
from wetube.people.models import Channel
from wetube.video.models import Video
from wetube.video.templatetags import cards


@pytest.fixture
def film(channel: Channel) -> Video:
    return make.published(channel, views=1200)


def again(film: Video) -> Video:
    return Video.objects.select_related("channel").get(pk=film.pk)


def test_the_same_card_is_made_once(film: Video) -> None:
    first = cards.card(again(film))
    before = cards._made.cache_info().misses

    assert cards.card(again(film)) == first
    assert cards._made.cache_info().misses == before
    assert f"/watch/{film.key}/" in first


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"title": "Calm <sea>"}, "Calm &lt;sea&gt;"),
        ({"views": 9_900_000}, "9.9M"),
        ({"price": 25_000_000}, "0.25"),
        ({"duration": 3723.0}, "1:02:03"),
        ({"is_sensitive": True}, "veil"),
        ({"poster_cid": "bafkother"}, "bafkother"),
    ],
)
def test_what_changes_is_shown_at_once(film: Video, changes: dict[str, object], shown: str) -> None:
    assert shown not in cards.card(again(film))
    Video.objects.filter(pk=film.pk).update(**changes)

    assert shown in cards.card(again(film))


def test_a_channels_new_name_is_shown_at_once(film: Video, channel: Channel) -> None:
    cards.card(again(film))
    Channel.objects.filter(pk=channel.pk).update(name="Calm films", handle="calm")

    assert "Calm films" in cards.card(again(film))
    assert "/@calm/" in cards.card(again(film))


def test_each_language_has_its_own(film: Video) -> None:
    assert "views" in cards.card(again(film))
    with translation.override("es"):
        assert "views" not in cards.card(again(film))


def test_a_row_is_another_card(film: Video) -> None:
    assert 'class="card row"' in cards.card(again(film), row=True)
    assert 'class="card"' in cards.card(again(film))

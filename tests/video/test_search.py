"""Words find films on both databases alike; what is not for everybody is not found."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from tests import make
from wetube.people.models import Channel, User
from wetube.video import editing, search
from wetube.video.search import words

NOBODY = AnonymousUser()


def titles(text: str, **options: object) -> list[str]:
    return [video.title for video in search.find(text, viewer=NOBODY, **options)]  # type: ignore[arg-type]


def test_words_are_found_without_their_accents_and_case(channel: Channel) -> None:
    make.published(channel, title="Canción del Mar")

    assert titles("cancion") == ["Canción del Mar"]
    assert titles("MAR canc") == ["Canción del Mar"]
    assert titles("mountain") == []


def test_pairs_of_letters_find_chinese(channel: Channel) -> None:
    make.published(channel, title="东京的夜晚")

    assert titles("东京") == ["东京的夜晚"]


def test_a_title_counts_more_than_a_description(channel: Channel) -> None:
    make.published(channel, title="Cooking rice", description="A storm came.")
    make.published(channel, title="Storm", description="Rice.")

    assert titles("storm") == ["Storm", "Cooking rice"]


def test_only_the_films_of_the_page_are_read(
    channel: Channel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        make.published(channel, title=f"Storm {number}", views=10**number)
    with django_assert_num_queries(2):  # the index, and what ranks its answers
        found = search.find("storm", viewer=NOBODY)

    assert len(found) == 5
    with django_assert_num_queries(1):
        assert [video.title for video in found[1:3]] == ["Storm 3", "Storm 2"]
    assert found[0].title == "Storm 4"


def test_private_and_unlisted_films_are_not_found(channel: Channel) -> None:
    for visibility in ("private", "unlisted", "password", "internal"):
        make.published(channel, title=f"Storm {visibility}", visibility=visibility)

    assert titles("storm") == []


def test_internal_films_are_found_by_those_signed_in(channel: Channel, bob: User) -> None:
    video = make.published(channel, visibility="internal")

    assert list(search.find("storm", viewer=bob)) == [video]


def test_a_film_made_private_leaves_the_index(channel: Channel) -> None:
    video = make.published(channel)
    editing.edit(video, {"visibility": "private"})

    assert titles("storm") == []
    editing.edit(video, {"visibility": "public", "title": "Calm"})
    assert titles("calm") == ["Calm"]
    assert titles("storm") == []


def test_a_deleted_film_leaves_the_index(channel: Channel) -> None:
    editing.take_down(make.published(channel))

    assert titles("storm") == []


def test_filters_narrow_down(channel: Channel) -> None:
    make.published(channel, title="Storm short", duration=30)
    make.published(channel, title="Storm long", duration=3000, price=5)
    old = timezone.now() - timedelta(days=60)
    make.published(channel, title="Storm old", duration=600, published_at=old)

    assert titles("storm", filters=search.Filters(length="short")) == ["Storm short"]
    assert titles("storm", filters=search.Filters(price="paid")) == ["Storm long"]
    assert "Storm old" not in titles("storm", filters=search.Filters(within="month"))
    assert titles("", sort=search.Sort.LONGEST)[0] == "Storm long"


def test_words_without_letters_find_nothing(channel: Channel) -> None:
    make.published(channel)

    assert titles('"*:()') == []


class AnyText(TestCase):
    @given(st.text(max_size=80))
    def test_no_query_breaks_the_index(self, text: str) -> None:
        list(search.find(text, viewer=NOBODY))

    @given(st.text(max_size=200))
    def test_words_are_letters_and_digits(self, text: str) -> None:
        assert all(word.isalnum() or not word.isascii() for word in words.words(text))


@pytest.mark.parametrize("text", ["' OR 1=1 --", "a & !b", "title:storm", "NEAR(a b)", "\x00"])
def test_the_index_speaks_no_language_of_its_own(db: None, text: str) -> None:
    assert titles(text) == []

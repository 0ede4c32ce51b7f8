"""A name is plain ASCII, and speaks for nobody but its person."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.people.make_people import make_user
from wetube.people import joining, names
from wetube.people.models import User


@given(st.text(max_size=40))
def test_any_name_is_refused_or_plain(name: str) -> None:
    try:
        cleaned = names.clean(name)
    except names.NameRefused:
        return
    assert re.fullmatch(r"[a-z0-9_-]{3,30}", cleaned)
    assert names.clean(cleaned) == cleaned


@pytest.mark.parametrize(
    "name",
    [
        "al",
        "a" * 31,
        "аlice",  # a Cyrillic а
        "alice\u200b",
        "\u202ealice",
        "ａｌｉｃｅ",
        "alice bob",
        "alice\nbob",
        "ALİCE",
        "admin",
        "WeTube",
        "anonymous-abc",
        "<script>",
        "../etc",
    ],
)
def test_hostile_and_reserved_names_are_refused(name: str) -> None:
    with pytest.raises(names.NameRefused):
        names.clean(name)


@pytest.mark.django_db
def test_a_name_in_other_letters_is_the_same_name() -> None:
    make_user("alice")
    with pytest.raises(joining.NameTaken):
        joining.check_name(" ALICE ")
    assert User.objects.by_name("Alice") == User.objects.get()


@pytest.mark.django_db
def test_nobody_is_found_without_a_name() -> None:
    nameless = make_user()
    assert nameless.display_name == f"anonymous-{nameless.key}"
    assert User.objects.by_name("") is None


@pytest.mark.django_db
def test_renaming_to_a_taken_name_changes_nothing() -> None:
    make_user("alice")
    bob = make_user("bob")
    with pytest.raises(joining.NameTaken):
        joining.rename(bob, "Alice")
    bob.refresh_from_db()
    assert bob.name == "bob"


@pytest.mark.django_db
def test_a_name_can_be_given_back() -> None:
    bob = make_user("bob")
    joining.rename(bob, "")
    bob.refresh_from_db()
    assert bob.name is None
    assert joining.check_name("bob") == "bob"

"""Twelve words, however they are typed; others are told what is wrong with them."""

import pytest

from tests.people.make_people import join
from wetube.people import phrases
from wetube.people.models import Phrase

# The first test vector of BIP 39.
VECTOR = "abandon " * 11 + "about"


def test_a_phrase_is_twelve_words_and_never_the_same() -> None:
    assert len(phrases.new().split()) == 12
    assert phrases.new() != phrases.new()


@pytest.mark.parametrize(
    "typed",
    [
        VECTOR,
        VECTOR.upper(),
        f"  {VECTOR}\n",
        ", ".join(VECTOR.split()),
        "\n".join(f"{number}. {word}" for number, word in enumerate(VECTOR.split(), 1)),
    ],
)
def test_case_numbers_and_commas_do_not_matter(typed: str) -> None:
    assert phrases.clean(typed) == VECTOR.strip()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "these are 0"),
        ("abandon about", "these are 2"),
        ("abandon " * 11 + "wetube", "“wetube” is not a word"),
        ("abandon " * 12, "One word is wrong"),
    ],
)
def test_what_is_wrong_is_said(typed: str, said: str) -> None:
    with pytest.raises(phrases.BadPhrase, match=said):
        phrases.clean(typed)


@pytest.mark.django_db
def test_a_phrase_of_nobody_opens_nothing() -> None:
    join("alice")
    with pytest.raises(phrases.UnknownPhrase):
        phrases.open_by(VECTOR)


@pytest.mark.django_db
def test_the_words_are_not_kept() -> None:
    user, _master, words = join("alice")
    row = Phrase.objects.get(user=user)
    kept = repr([row.fingerprint, bytes(row.wrapped_master)])
    assert not any(word in kept for word in words.split() if len(word) > 4)
    assert bytes(phrases._book.to_entropy(words)).hex() not in row.fingerprint


@pytest.mark.django_db
def test_a_closed_account_does_not_open() -> None:
    user, _master, words = join("alice")
    user.is_active = False
    user.save()
    with pytest.raises(phrases.UnknownPhrase):
        phrases.open_by(words)

"""A new phrase takes the place of the old one once it was checked, and not before."""

import re

import pytest
from django.test import Client

from tests.people.make_people import join, signed_in
from wetube.people import keys, phrases

pytestmark = pytest.mark.django_db


def shown(browser: Client) -> list[str]:
    page = browser.get("/settings/security/phrase/")
    words: list[str] = page.context["words"]
    return words


def asked(browser: Client, words: list[str]) -> dict[str, str]:
    page = browser.get("/settings/security/phrase/check/").content.decode()
    return {f"word_{n}": words[int(n) - 1] for n in re.findall(r'name="word_(\d+)"', page)}


def test_the_new_phrase_opens_the_same_keys_and_the_old_one_nothing() -> None:
    user, master, old = join("alice")
    browser = signed_in(old)
    words = shown(browser)
    assert shown(browser) == words  # looking again shows the same
    answer = browser.post("/settings/security/phrase/check/", asked(browser, words))
    assert answer["Location"] == "/settings/security/"
    assert phrases.open_by(" ".join(words)) == (user, master)
    with pytest.raises(phrases.UnknownPhrase):
        phrases.open_by(old)


def test_until_it_is_checked_the_old_phrase_holds() -> None:
    user, master, old = join("alice")
    browser = signed_in(old)
    words = shown(browser)
    wrong = dict.fromkeys(asked(browser, words), "zebra")
    assert browser.post("/settings/security/phrase/check/", wrong).status_code == 422
    assert phrases.open_by(old) == (user, master)
    with pytest.raises(phrases.UnknownPhrase):
        phrases.open_by(" ".join(words))


def test_shut_keys_must_be_opened_first() -> None:
    _user, _master, old = join("alice")
    browser = signed_in(old)
    del browser.cookies[keys.COOKIE]
    answer = browser.get("/settings/security/phrase/")
    assert answer["Location"] == "/settings/confirm/?next=/settings/security/phrase/"
    assert browser.get("/settings/security/phrase/check/")["Location"].endswith("/phrase/")

"""People get in by phrase or password, strangers get one answer, guessers have to wait."""

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings
from redis.exceptions import ConnectionError as CacheGone

from tests.people.make_people import PASSWORD, join, make_user, signed_in
from wetube.people import limits

pytestmark = pytest.mark.django_db
IN = "/settings/"


def is_in(client: Client) -> bool:
    return bool(client.get(IN).status_code == 200)


def test_by_the_phrase(client: Client) -> None:
    _user, _master, words = join("alice")
    answer = client.post("/log-in/phrase/", {"phrase": words.upper(), "next": "/wallet/"})
    assert answer["Location"] == "/wallet/"
    assert is_in(client)


def test_by_name_and_password(client: Client) -> None:
    join("alice", password=PASSWORD)
    answer = client.post("/log-in/", {"name": "Alice", "password": PASSWORD})
    assert answer["Location"] == "/"
    assert is_in(client)
    assert b"Your keys are open" in client.get("/settings/keys/").content


def test_unknown_name_and_wrong_password_look_alike(client: Client) -> None:
    join("alice", password=PASSWORD)
    pages = [
        client.post("/log-in/", {"name": name, "password": "wrong"}) for name in ("alice", "nobody")
    ]
    assert [page.status_code for page in pages] == [422, 422]
    said = [page.context["password_form"].non_field_errors() for page in pages]
    assert said == [["Name or password is wrong."]] * 2
    assert not is_in(client)


def test_a_wrong_phrase_lets_nobody_in(client: Client) -> None:
    join("alice")
    answer = client.post("/log-in/phrase/", {"phrase": "abandon " * 11 + "about"})
    assert answer.status_code == 422
    assert not is_in(client)


def test_a_guesser_has_to_wait_and_so_the_right_password_too(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PASSWORD", limits.Limit("password", 2))
    join("alice", password=PASSWORD)
    with time_machine.travel(1_800_000_000, tick=False) as now:
        for _ in range(2):
            client.post("/log-in/", {"name": "alice", "password": "wrong"})
        answer = client.post("/log-in/", {"name": "alice", "password": PASSWORD})
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) <= 600
        assert b"Too many tries. Wait 10 minutes" in answer.content
        assert not is_in(client)
        now.shift(601)
        client.post("/log-in/", {"name": "alice", "password": PASSWORD})
        assert is_in(client)


def test_an_address_is_limited_across_names(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ADDRESS", limits.Limit("address", 1))
    _user, _master, words = join("alice")
    client.post("/log-in/phrase/", {"phrase": "abandon " * 11 + "about"})
    assert client.post("/log-in/phrase/", {"phrase": words}).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/log-in/phrase/", {"phrase": words}).status_code == 302


def test_behind_a_proxy_its_own_word_counts(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = Client().get("/", headers={"x-forwarded-for": "1.1.1.1, 192.0.2.7"}).wsgi_request
    assert limits._address(request) == "192.0.2.7"


def test_the_cache_holds_no_name_and_no_address(client: Client) -> None:
    client.post("/log-in/", {"name": "alice", "password": "wrong"})
    kept = repr(cache._cache)  # type: ignore[attr-defined]  # LocMemCache's own dictionary
    assert "people:limit:" in kept
    assert "alice" not in kept
    assert "127.0.0.1" not in kept


def test_people_get_in_while_the_cache_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: object, **kwargs: object) -> None:
        raise CacheGone("connection refused")

    monkeypatch.setattr(limits, "_count", gone)
    _user, _master, words = join("alice")
    client.post("/log-in/phrase/", {"phrase": words})
    assert is_in(client)


def test_next_stays_on_this_site(client: Client) -> None:
    _user, _master, words = join("alice")
    answer = client.post("/log-in/phrase/", {"phrase": words, "next": "//evil.example/"})
    assert answer["Location"] == "/"


def test_logging_out_needs_a_post_and_forgets_the_session() -> None:
    user, _master, words = join("alice")
    browser = signed_in(words)
    assert browser.get("/log-out/").status_code == 405
    assert is_in(browser)
    browser.post("/log-out/")
    assert not is_in(browser)
    assert not user.logins.exists()


@pytest.mark.parametrize("path", ["/log-in/", "/log-in/phrase/", "/sign-up/"])
def test_who_is_in_is_sent_on(path: str) -> None:
    _user, _master, words = join("alice")
    assert signed_in(words).get(path + "?next=/wallet/")["Location"] == "/wallet/"


def test_a_strange_cookie_is_no_error(client: Client) -> None:
    make_user("alice")
    client.cookies["wt_key"] = "né"
    client.cookies["sessionid"] = "nothing"
    assert client.get("/log-in/").status_code == 200

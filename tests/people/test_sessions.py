"""A person sees where they are signed in, ends it anywhere, and leaves no more trace than that."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from tests.people.make_people import join, signed_in
from wetube.people import devices, tasks
from wetube.people.models import Login, User

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari on iOS"),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/139.0 Safari/537.36",
            "Chrome on Android",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/139.0 Safari/537.36 Edg/139.0", "Edge on Windows"),
        ("curl/8.0", "Another program"),
        ("", "Another program"),
    ],
)
def test_a_device_has_a_coarse_name(agent: str, expected: str) -> None:
    assert devices.label(agent) == expected
    assert len(devices.label(agent * 100)) <= 40


@pytest.mark.parametrize(
    ("kept", "expected"),
    [("Firefox on Linux", "Firefox en Linux"), (devices.ANOTHER, "Otro programa")],
)
def test_a_device_is_named_in_the_readers_language(kept: str, expected: str) -> None:
    with translation.override("es"):
        assert Login(device=kept).device_said == expected


def test_sessions_are_listed_and_ended_elsewhere() -> None:
    user, _master, words = join("alice")
    here, there = signed_in(words), signed_in(words)
    assert user.logins.count() == 2
    theirs = Login.objects.get(session_key=there.session.session_key)
    here.post(f"/settings/sessions/{theirs.key}/end/")
    assert there.get("/settings/").status_code == 302
    assert here.get("/settings/").status_code == 200
    assert user.logins.get().session_key == here.session.session_key


def test_all_other_sessions_end_at_once() -> None:
    _user, _master, words = join("alice")
    here, *others = (signed_in(words) for _ in range(3))
    here.post("/settings/sessions/end-others/")
    assert [browser.get("/settings/").status_code for browser in others] == [302, 302]
    assert here.get("/settings/").status_code == 200


def test_nobody_ends_anothers_session() -> None:
    _alice, _master, words = join("alice")
    _bob, _bobs, bobs_words = join("bob")
    mine, theirs = signed_in(words), signed_in(bobs_words)
    key = Login.objects.get(user__name="bob").key
    mine.post(f"/settings/sessions/{key}/end/")
    mine.post("/settings/sessions/end-others/")
    assert theirs.get("/settings/").status_code == 200


def test_a_known_day_costs_no_query(
    alice: User, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(alice)
    client.get("/settings/sessions/", headers={"user-agent": FIREFOX})
    login = Login.objects.get()
    assert login.device == "Firefox on Linux"
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        client.get("/settings/sessions/")
        login.refresh_from_db()
        assert login.last_day == timezone.localdate()
        assert login.first_day == timezone.localdate() - timedelta(days=2)


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_costs_the_same_for_many(
    alice: User, client: Client, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        Login.objects.create(user=alice, session_key=f"other{number}", device="Firefox on Linux")
    client.force_login(alice)
    client.get("/settings/sessions/")
    with django_assert_max_num_queries(6):
        client.get("/settings/sessions/")


def test_a_visitor_gets_no_session_for_looking(client: Client) -> None:
    answer = client.get("/log-in/")
    assert "sessionid" not in answer.cookies
    assert not Session.objects.exists()


def test_sessions_that_ran_out_are_forgotten() -> None:
    user, _master, words = join("alice")
    signed_in(words)
    tasks.forget_expired()
    assert user.logins.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        tasks.forget_expired()
    assert not Session.objects.exists()
    assert not user.logins.exists()

"""Who leaves is gone for real; who does not mean it stays whole."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client

from tests.people.make_people import PASSWORD, join, signed_in
from wetube.people import channels, farewell, tokens
from wetube.people.models import Channel, Follow, SpentProof, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def steps() -> Iterator[list[farewell.Step]]:
    """The registered steps, as they were afterwards."""
    before = list(farewell._steps)
    yield farewell._steps
    farewell._steps[:] = before


def rows() -> dict[str, int]:
    models = apps.get_app_config("people").get_models()
    return {model.__name__: model._default_manager.count() for model in models}


def test_everything_of_the_person_goes_and_nothing_of_others() -> None:
    bob, _bobs, bobs_words = join("bob")
    theirs = signed_in(bobs_words)
    before = rows()
    alice, master, words = join("alice", password=PASSWORD)
    mine = signed_in(words)
    tokens.mint(alice, name="app", scopes=["read"], master=master)
    Follow.objects.create(user=bob, channel=Channel.objects.get(owner=alice))
    channels.follow(alice, Channel.objects.get(owner=bob))
    assert mine.get("/settings/leave/").status_code == 200

    answer = mine.post("/settings/leave/")
    assert answer["Location"] == "/log-in/"
    assert rows() == before
    assert mine.get("/settings/").status_code == 302
    assert theirs.get("/settings/").status_code == 200
    assert mine.post("/log-in/phrase/", {"phrase": words}).status_code == 422


def test_all_their_sessions_end() -> None:
    _alice, _master, words = join("alice")
    here, there = signed_in(words), signed_in(words)
    here.post("/settings/leave/")
    assert there.get("/settings/").status_code == 302
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert not any("_auth_user_id" in data for data in kept)


def test_leaving_asks_first_who_it_is(alice: User, client: Client) -> None:
    client.force_login(alice)
    answer = client.post("/settings/leave/")
    assert answer["Location"].startswith("/settings/confirm/")
    assert User.objects.filter(pk=alice.pk).exists()


def test_other_apps_have_their_say_once(steps: list[farewell.Step], alice: User) -> None:
    seen: list[str] = []

    def settle(user: User) -> None:
        seen.append(user.key)

    farewell.before_leaving(settle)
    farewell.before_leaving(settle)
    key = alice.key
    farewell.leave(alice)
    assert seen == [key]


def test_a_step_that_refuses_keeps_everything(steps: list[farewell.Step]) -> None:
    def refuse(user: User) -> None:
        raise farewell.CannotLeave("A payment is under way. Try again in a minute.")

    farewell.before_leaving(refuse)
    _alice, _master, words = join("alice")
    before = rows()
    browser = signed_in(words)
    browser.post("/settings/leave/")
    assert b"A payment is under way" in browser.get("/settings/leave/").content
    assert {**rows(), "Login": 0} == {**before, "Login": 0}


def test_proofs_are_nobodys() -> None:
    assert "user" not in {field.name for field in SpentProof._meta.get_fields()}

"""Programs read and change what their token allows, and only what is theirs."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.people.make_people import make_channel
from wetube.people import channels, tokens
from wetube.people.api_auth import Token
from wetube.people.models import Channel, User

pytestmark = pytest.mark.django_db
API = "/api/v1"


class Program:
    """A client with a token of these scopes."""

    def __init__(self, user: User, *scopes: str) -> None:
        _token, secret = tokens.mint(user, name="test", scopes=scopes)
        self.client = Client(headers={"authorization": f"Bearer {secret}"})

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.client.generic(method, API + path, _json(body), content_type="application/json")


def _json(body: Any) -> str:
    return "" if body is None else json.dumps(body)


def test_who_am_i(alice: User) -> None:
    answer = Program(alice, "read").ask("GET", "/me")
    assert answer.json() == {"key": alice.key, "name": "alice", "display_name": "alice"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"authorization": "Bearer wt_wrong"}, 401), ({"authorization": "Basic x"}, 401)],
)
def test_without_a_token_nothing_is_told(headers: dict[str, str], status: int) -> None:
    assert Client(headers=headers).get(API + "/me").status_code == status


def test_a_session_is_no_token(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert client.get(API + "/me").status_code == 401


def test_another_scope_is_not_enough(alice: User) -> None:
    answer = Program(alice, "read").ask("POST", "/channels", {"handle": "films"})
    assert answer.status_code == 403
    assert "channels" in answer.json()["detail"]
    assert not Channel.objects.exists()


def test_a_scope_that_does_not_exist_is_a_mistake_in_our_code() -> None:
    with pytest.raises(tokens.BadScope):
        Token("everything")


def test_a_channel_is_made_changed_and_deleted(alice: User) -> None:
    program = Program(alice, "read", "channels")
    made = program.ask("POST", "/channels", {"handle": "Films", "description": "All of them."})
    assert made.status_code == 201
    key = made.json()["key"]
    assert made.json()["handle"] == made.json()["name"] == "films"

    changed = program.ask("PATCH", f"/channels/{key}", {"name": "My films"})
    assert (changed.json()["name"], changed.json()["handle"]) == ("My films", "films")
    assert [row["key"] for row in program.ask("GET", "/channels").json()] == [key]
    assert program.ask("GET", f"/channels/{key}").json() == changed.json()

    assert program.ask("DELETE", f"/channels/{key}").status_code == 204
    assert not Channel.objects.exists()


@pytest.mark.parametrize("handle", ["admin", "bobs-films"])
def test_a_handle_that_cannot_be_had_is_a_conflict(alice: User, bob: User, handle: str) -> None:
    make_channel(bob, "bobs-films")
    mine = make_channel(alice, "films")
    program = Program(alice, "channels")
    assert program.ask("POST", "/channels", {"handle": handle}).status_code == 409
    assert program.ask("PATCH", f"/channels/{mine.key}", {"handle": handle}).status_code == 409
    mine.refresh_from_db()
    assert mine.handle == "films"
    assert Channel.objects.count() == 2


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_anothers_channel_is_not_found(alice: User, bob: User, method: str) -> None:
    theirs = make_channel(bob, "bobs-films")
    answer = Program(alice, "read", "channels").ask(method, f"/channels/{theirs.key}", {})
    assert answer.status_code == 404
    assert Channel.objects.get() == theirs


@pytest.mark.parametrize("body", [None, {}, {"handle": "a"}, {"handle": "né"}, {"handle": 5}, []])
def test_a_body_that_makes_no_sense_is_refused(alice: User, body: Any) -> None:
    answer = Program(alice, "channels").ask("POST", "/channels", body)
    assert answer.status_code in {400, 422}
    assert not Channel.objects.exists()


def test_there_is_an_end_to_channels(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "MOST", 1)
    make_channel(alice)
    answer = Program(alice, "channels").ask("POST", "/channels", {"handle": "one-more"})
    assert answer.status_code == 409
    assert Channel.objects.count() == 1

"""The Pinning Services API: what a program may do with its owner's pins, and nobody else's."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries as MaxQueries

from tests.pinning.conftest import PINS, Program
from tests.pinning.make import nowhere
from wetube.content.models import Pin
from wetube.people import tokens
from wetube.people.models import User
from wetube.pinning import asking
from wetube.pinning.models import PinRequest


def test_a_pin_is_answered_with_how_it_stands_and_where_to_bring_the_bytes(
    program: Program,
) -> None:
    said = {"cid": nowhere(), "name": "Réunion.pdf", "meta": {"app": "x"}, "origins": ["/dns/a"]}
    answer = program.post(said)
    status = answer.json()
    assert answer.status_code == 202
    assert status["pin"] == said
    assert status["status"] == "queued"
    assert status["created"].endswith("Z")
    assert status["delegates"][0].startswith("/dns/gate.example/tcp/443/tls/http/p2p/12D3Koo")
    assert program.get(f"/{status['requestid']}").json() == status
    assert answer["access-control-allow-origin"] == "*"
    assert answer["cache-control"] == "no-store"


def test_the_cid_comes_back_as_it_was_written(program: Program) -> None:
    version_0 = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"
    assert program.pin(version_0)["pin"]["cid"] == version_0
    assert PinRequest.objects.get().cid.startswith("bafy")


def test_the_same_cid_twice_is_two_requests_with_moments_of_their_own(program: Program) -> None:
    first, second = program.pin(nowhere()), program.pin(nowhere())
    assert first["requestid"] != second["requestid"]
    assert first["created"] < second["created"]


def test_a_pin_replaced_is_gone_and_the_new_one_is_there(program: Program) -> None:
    old = program.pin(nowhere("old"), name="page")["requestid"]
    answer = program.post({"cid": nowhere("new")}, f"/{old}")
    new = answer.json()
    assert answer.status_code == 202
    assert new["pin"] == {"cid": nowhere("new")}
    assert new["requestid"] != old
    assert program.get(f"/{old}").status_code == 404
    assert program.get(f"/{new['requestid']}").status_code == 200


def test_a_pin_that_cannot_be_replaced_stays(program: Program) -> None:
    old = program.pin(nowhere())["requestid"]
    assert program.post({"cid": "nonsense"}, f"/{old}").status_code == 400
    assert program.post({"cid": nowhere()}, "/nobody").status_code == 404
    assert [request.key for request in PinRequest.objects.all()] == [old]


def test_a_pin_taken_back_lets_go_of_its_bytes(program: Program) -> None:
    key = program.pin(nowhere())["requestid"]
    answer = program.delete(f"/{key}")
    assert (answer.status_code, answer.content) == (202, b"")
    assert not PinRequest.objects.exists()
    assert not Pin.objects.exists()
    assert program.delete(f"/{key}").status_code == 404


@pytest.mark.parametrize("secret", ["", "wt_made-up"])
def test_without_a_good_token_nothing_is_told_or_done(db: None, secret: str) -> None:
    stranger = Program(secret, Client())
    for answer in (stranger.get(), stranger.post({"cid": nowhere()}), stranger.delete("/x")):
        assert answer.status_code == 401
        assert answer.json()["error"]["reason"] == "UNAUTHORIZED"
        assert answer["www-authenticate"] == "Bearer"
    assert not PinRequest.objects.exists()


def test_a_token_for_something_else_does_not_pin(alice: User) -> None:
    _token, secret = tokens.mint(alice, name="player", scopes=["read", "wallet"])
    answer = Program(secret, Client()).post({"cid": nowhere()})
    assert answer.status_code == 403
    assert answer.json()["error"]["reason"] == "FORBIDDEN"
    assert not PinRequest.objects.exists()


def test_a_revoked_token_pins_no_more(alice: User, program: Program) -> None:
    tokens.revoke(alice, alice.tokens.get().key)
    assert program.post({"cid": nowhere()}).status_code == 401
    assert not PinRequest.objects.exists()


def test_nobody_reaches_anothers_pins(
    program: Program, bob: User, program_of: Callable[[User], Program]
) -> None:
    key = program.pin(nowhere())["requestid"]
    other = program_of(bob)
    assert other.get(f"/{key}").status_code == 404
    assert other.post({"cid": nowhere()}, f"/{key}").status_code == 404
    assert other.delete(f"/{key}").status_code == 404
    assert other.get("", status="queued").json()["count"] == 0
    assert PinRequest.objects.get().key == key


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'"bafkqaaa"',
        b"{}",
        b'{"cid": null}',
        b'{"cid": 7}',
        b'{"cid": "nonsense"}',
        b'{"cid": "' + b"b" * 300 + b'"}',
        b'{"cid": "bafkqaaa", "name": 5}',
        b'{"cid": "bafkqaaa", "name": "' + b"n" * 256 + b'"}',
        b'{"cid": "bafkqaaa", "name": "a\\u0000b"}',
        b'{"cid": "bafkqaaa", "name": "a\\ud800b"}',
        b'{"cid": "bafkqaaa", "meta": []}',
        b'{"cid": "bafkqaaa", "meta": {"a": 1}}',
        b'{"cid": "bafkqaaa", "meta": {"a": {"b": "c"}}}',
        b'{"cid": "bafkqaaa", "origins": "/dns/a"}',
        b'{"cid": "bafkqaaa", "origins": ["a"]}',
        b'{"cid": "bafkqaaa", "origins": [' + b",".join([b'"/a"'] * 21) + b"]}",
        b"[" * 40_000,
        b"\xff\xfe",
    ],
)
def test_a_wish_that_cannot_be_read_changes_nothing(program: Program, body: bytes) -> None:
    answer = program.post(body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["reason"] == "BAD_REQUEST"
    assert not PinRequest.objects.exists()


def test_more_than_a_wish_is_refused_by_its_length(program: Program) -> None:
    answer = program.post(b" " * (65 << 10))
    assert answer.status_code == 413
    assert not PinRequest.objects.exists()


def test_other_methods_are_refused(program: Program) -> None:
    answer = program.client.put(PINS, headers={"authorization": f"Bearer {program.secret}"})
    assert answer.status_code == 405


def test_pages_of_other_origins_may_ask(client: Client) -> None:
    answer = client.options(PINS, headers={"origin": "https://app.example"})
    assert answer.status_code == 204
    assert "Authorization" in answer["access-control-allow-headers"]
    assert "DELETE" in answer["access-control-allow-methods"]


def test_no_more_requests_than_anyone_may_have(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST_REQUESTS", 1)
    program.pin(nowhere("one"))
    answer = program.post({"cid": nowhere("two")})
    assert answer.status_code == 409
    assert answer.json()["error"]["reason"] == "QUOTA_EXCEEDED"
    assert PinRequest.objects.count() == 1


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_costs_the_same_for_many(
    program: Program, count: int, django_assert_max_num_queries: MaxQueries
) -> None:
    for number in range(count):
        program.pin(nowhere(str(number)))
    with django_assert_max_num_queries(5):
        answer = program.get("", status="queued", limit=1000)
    assert len(answer.json()["results"]) == count

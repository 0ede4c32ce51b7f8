"""A program with a token does what its scopes say, and nothing else."""

from typing import Any

import pytest
from django.test import Client

from tests import make
from wetube.people import tokens
from wetube.people.models import Channel, User
from wetube.video.models import Video


def program(user: User, *scopes: str) -> Client:
    _, secret = tokens.mint(user, name="test", scopes=scopes)
    return Client(headers={"authorization": f"Bearer {secret}"})


def announce(client: Client, **said: Any) -> Any:
    words = {"name": "storm.mp4", "size": 1000, **said}
    return client.post("/api/v1/uploads", words, content_type="application/json")


def test_a_program_announces_and_cancels_an_upload(alice: User, channel: Channel) -> None:
    client = program(alice, "upload")

    answer = announce(client)

    assert answer.status_code == 201
    assert "/uploads" in answer.json()["endpoint"]
    assert client.delete(f"/api/v1/uploads/{answer.json()['key']}").status_code == 204
    assert not Video.objects.exists()


def test_no_room_is_said_before_a_byte_is_sent(
    alice: User, channel: Channel, settings: Any
) -> None:
    settings.USER_QUOTA_BYTES = 10

    answer = announce(program(alice, "upload"))

    assert answer.status_code == 413
    assert "quota" in answer.json()["detail"]
    assert not Video.objects.exists()


@pytest.mark.parametrize("scope", ["read", "wallet", "channels", "videos"])
def test_another_scope_does_not_upload(alice: User, channel: Channel, scope: str) -> None:
    assert announce(program(alice, scope)).status_code == 403
    assert not Video.objects.exists()


def test_without_a_token_nothing_is_done(channel: Channel) -> None:
    assert announce(Client()).status_code == 401
    assert not Video.objects.exists()


def test_a_program_sees_how_far_a_film_is(alice: User, channel: Channel) -> None:
    video = make.video(channel, state=Video.State.FAILED, failure="The file is empty.")

    said = program(alice, "read").get(f"/api/v1/videos/{video.key}").json()

    assert (said["state"], said["failure"]) == ("failed", "The file is empty.")
    assert said["progress"]


def test_a_program_edits_its_owners_films_alone(alice: User, bob: User, channel: Channel) -> None:
    video = make.published(channel)
    address = f"/api/v1/videos/{video.key}"
    change = {"title": "Calm", "price": 7}

    stranger = program(bob, "videos")
    refused = stranger.patch(address, change, content_type="application/json")
    assert refused.status_code == 404
    video.refresh_from_db()
    assert video.title == "Storm at sea"

    answer = program(alice, "videos").patch(address, change, content_type="application/json")
    assert answer.status_code == 200
    assert (answer.json()["title"], answer.json()["price"]) == ("Calm", 7)


def test_everybody_may_search(channel: Channel) -> None:
    make.published(channel)

    found = Client().get("/api/v1/search?q=storm").json()

    assert [film["title"] for film in found] == ["Storm at sea"]

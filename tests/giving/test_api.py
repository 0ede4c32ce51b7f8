"""A program with the wallet's scope gives, takes back and looks; another does nothing."""

from typing import Any

import pytest
from django.test import Client

from tests.cloudcoin import make as coin
from wetube.cloudcoin.models import Charge
from wetube.giving import pots, tips
from wetube.giving.models import Attention, Pot, PotMonth, Tip
from wetube.people import tokens
from wetube.people.models import Channel, User

COIN = coin.COIN


def program(user: User, *scopes: str) -> Client:
    _, secret = tokens.mint(user, name="test", scopes=scopes or ("wallet",))
    return Client(headers={"authorization": f"Bearer {secret}"})


def give(client: Client, **said: Any) -> Any:
    words = {"channel": "alices-films", "amount": COIN, "reference": "one", **said}
    return client.post("/api/v1/wallet/tips", words, content_type="application/json")


def test_a_program_gives_once_and_takes_back(bob: User, channel: Channel) -> None:
    client = program(bob)

    answers = [give(client, note="well done", named=True) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Charge.objects.count() == 1
    [seen] = program(channel.owner).get("/api/v1/wallet/tips").json()
    assert (seen["share"], seen["note"], seen["giver"]) == (70_000_000, "well done", "bob")

    key = answers[0].json()["key"]
    assert client.delete(f"/api/v1/wallet/tips/{key}").status_code == 204
    assert coin.available(bob) == 10 * COIN
    assert program(channel.owner).delete(f"/api/v1/wallet/tips/{key}").status_code == 404


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"amount": 11 * COIN}, 402),
        ({"amount": 6 * COIN}, 409),
        ({"amount": 0}, 422),
        ({"amount": True}, 422),
        ({"channel": "nobody"}, 404),
        ({"channel": "bobs-films"}, 409),
        ({"reference": "../"}, 422),
    ],
)
def test_what_is_refused_changes_nothing(
    bob: User, channel: Channel, said: dict[str, Any], status: int
) -> None:
    Channel.objects.create(owner=bob, handle="bobs-films", name="Bob")
    assert coin.available(bob) == 10 * COIN

    assert give(program(bob), **said).status_code == status

    assert coin.available(bob) == 10 * COIN
    assert not Tip.objects.exists()


def test_another_scope_gives_nothing(bob: User, channel: Channel) -> None:
    client = program(bob, "read", "upload", "videos", "channels")

    assert give(client).status_code == 403
    assert give(Client()).status_code == 401
    assert (
        client.put("/api/v1/wallet/pot", "{}", content_type="application/json").status_code == 403
    )
    assert not Charge.objects.exists()
    assert not Pot.objects.exists()


def test_a_pot_by_program(bob: User, channel: Channel) -> None:
    client = program(bob)
    address = "/api/v1/wallet/pot"
    assert client.get(address).status_code == 404

    def put(**wanted: Any) -> Any:
        return client.put(address, wanted, content_type="application/json").json()

    assert put(amount=COIN)["state"] == "on"
    assert put(amount=COIN, paused=True)["state"] == "paused"
    put(amount=2 * COIN)
    Attention.objects.create(month=PotMonth.objects.get(), channel=channel, seconds=7)
    assert client.get(address).json() == {
        "amount": 2 * COIN,
        "state": "on",
        "available": 2 * COIN,
        "shares": [{"channel": "alices-films", "seconds": 7, "amount": 2 * COIN}],
    }
    [month] = client.get(f"{address}/months").json()
    assert (month["month"], month["state"]) == (f"{pots.first_day()}", "open")
    assert client.delete(address).status_code == 204
    assert client.get(address).json()["state"] == "stopped"
    assert client.get(f"{address}/months").json() == []


def test_hidden_notes_are_hidden_here_too(bob: User, channel: Channel) -> None:
    tip = tips.give(bob, channel, amount=1, reference="one", said=tips.Said("rude"))
    tips.hide(tip)

    [seen] = program(channel.owner).get("/api/v1/wallet/tips").json()

    assert (seen["note"], seen["giver"]) == ("", "")

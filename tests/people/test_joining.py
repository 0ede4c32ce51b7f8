"""Signing up takes a name or none, shows twelve words once, and leaves nothing half made."""

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from tests.people.make_people import join, make_channel, make_user
from tests.people.test_proofs import solve
from wetube.people import joining, phrases, turns
from wetube.people.models import Channel, KeyPairs, Login, Phrase, SpentProof, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def easy(settings: Settings) -> None:
    settings.PROOF_OF_WORK = False


def words_of(client: Client) -> list[str]:
    page = client.get("/sign-up/phrase/").content.decode()
    shown = re.search(r'<ol class="phrase.*?</ol>', page, re.DOTALL)
    assert shown
    return re.findall(r"<li>(\w+)</li>", shown[0])


def answers(client: Client) -> dict[str, str]:
    words = words_of(client)
    page = client.get("/sign-up/check/").content.decode()
    asked = [int(number) for number in re.findall(r'name="word_(\d+)"', page)]
    assert len(asked) == 2
    return {f"word_{number}": words[number - 1] for number in asked}


@pytest.mark.usefixtures("easy")
def test_somebody_joins_with_a_name(client: Client) -> None:
    assert client.post("/sign-up/", {"name": "Carol"})["Location"] == "/sign-up/phrase/"
    words = words_of(client)
    answer = client.post("/sign-up/check/", answers(client))

    assert answer["Location"] == "/"
    user = User.objects.get()
    assert user.name == "carol"
    assert [channel.handle for channel in user.channels.all()] == ["carol"]
    assert phrases.open_by(" ".join(words))[0] == user
    assert b"Your keys are open" in client.get("/settings/keys/").content
    assert Login.objects.get().user == user


@pytest.mark.usefixtures("easy")
def test_somebody_joins_without_a_name(client: Client) -> None:
    client.post("/sign-up/", {"name": "", "next": "/watch/x"})
    assert client.post("/sign-up/check/", answers(client))["Location"] == "/watch/x"
    user = User.objects.get()
    assert user.name is None
    assert Channel.objects.get().handle.startswith("channel-")


@pytest.mark.usefixtures("easy")
def test_the_words_are_gone_after_the_check(client: Client) -> None:
    client.post("/sign-up/", {"name": "carol"})
    client.post("/sign-up/check/", answers(client))
    assert client.get("/sign-up/phrase/")["Location"] == "/sign-up/"
    assert not any(key.startswith("joining") for key in client.session.keys())  # noqa: SIM118


@pytest.mark.usefixtures("easy")
def test_wrong_words_make_no_account(client: Client) -> None:
    client.post("/sign-up/", {"name": "carol"})
    right = answers(client)
    field = next(iter(right))
    answer = client.post("/sign-up/check/", {**right, field: "zebra"})
    assert answer.status_code == 422
    assert b"This is another word" in answer.content
    assert not User.objects.exists()
    assert client.post("/sign-up/check/", right).status_code == 302


@pytest.mark.usefixtures("easy")
@pytest.mark.parametrize("name", ["alice", "ALICE", "a", "al ice", "admin"])
def test_a_refused_name_goes_no_further(client: Client, name: str) -> None:
    make_user("alice")
    answer = client.post("/sign-up/", {"name": name})
    assert answer.status_code == 422
    assert client.get("/sign-up/phrase/")["Location"] == "/sign-up/"
    assert User.objects.count() == 1


@pytest.mark.usefixtures("easy")
def test_a_name_lost_on_the_way_leaves_its_person_nameless(client: Client) -> None:
    client.post("/sign-up/", {"name": "carol"})
    make_user("carol")
    client.post("/sign-up/check/", answers(client))
    assert User.objects.filter(name="carol").count() == 1
    assert User.objects.filter(name=None).count() == 1


@pytest.mark.usefixtures("easy")
def test_next_does_not_lead_away(client: Client) -> None:
    client.post("/sign-up/", {"name": "", "next": "https://evil.example/"})
    assert client.post("/sign-up/check/", answers(client))["Location"] == "/"


def test_a_proof_of_work_opens_the_door(client: Client) -> None:
    challenge = client.get("/sign-up/").context["challenge"]
    answer = client.post("/sign-up/", {"name": "carol", "proof": solve(challenge)})
    assert answer["Location"] == "/sign-up/phrase/"
    assert SpentProof.objects.count() == 1


def test_one_proof_makes_one_account(client: Client) -> None:
    proof = solve(client.get("/sign-up/").context["challenge"])
    client.post("/sign-up/", {"name": "carol", "proof": proof})
    client.post("/sign-up/check/", answers(client))
    client.post("/log-out/")
    csrf = client.cookies["csrftoken"]
    assert csrf
    answer = client.post("/sign-up/", {"name": "dave", "proof": proof})
    assert answer.status_code == 422
    assert User.objects.count() == 1


def test_another_browsers_proof_is_refused(client: Client) -> None:
    proof = solve(Client().get("/sign-up/").context["challenge"])
    client.get("/sign-up/")
    answer = client.post("/sign-up/", {"name": "carol", "proof": proof})
    assert answer.status_code == 422
    assert b"is not for this page" in answer.content
    assert not SpentProof.objects.exists()


def test_without_javascript_one_waits_for_ones_turn(client: Client) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as now:
        assert client.post("/sign-up/", {"name": "carol"})["Location"] == "/sign-up/wait/"
        page = client.get("/sign-up/wait/")
        assert page.status_code == 200
        assert 0 < int(page["Refresh"]) <= 10
        assert client.get("/sign-up/phrase/")["Location"] == "/sign-up/"
        now.shift(60)
        assert client.get("/sign-up/wait/")["Location"] == "/sign-up/phrase/"
    assert len(words_of(client)) == 12


def takes() -> Iterator[int]:
    """Turns until none is left."""
    with suppress(turns.TooBusy):
        while True:
            yield turns.take()


def test_turns_are_given_out_once_and_a_few_a_minute() -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        given = list(takes())
    assert len(set(given)) == len(given)
    assert len(given) <= turns.LONGEST * turns.A_MINUTE
    assert all(turn >= 1_800_000_000 + turns.SHORTEST for turn in given)
    for minute in {turn // 60 for turn in given}:
        assert sum(turn // 60 == minute for turn in given) <= turns.A_MINUTE


def test_when_all_turns_are_taken_it_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "A_MINUTE", 0)
    answer = client.post("/sign-up/", {"name": "carol"})
    assert answer.status_code == 422
    assert b"Many people are signing up" in answer.content


def test_a_closed_site_takes_nobody(client: Client, settings: Settings) -> None:
    settings.SIGN_UP_OPEN = False
    assert client.get("/sign-up/").status_code == 403
    assert client.post("/sign-up/", {"name": "carol"}).status_code == 403
    assert not User.objects.exists()


def test_a_handle_that_is_taken_gets_a_neighbour() -> None:
    make_channel(make_user("alice"), "carol")
    user, _master, _words = join("carol")
    handle = user.channels.get().handle
    assert handle.startswith("carol-")


def test_a_phrase_serves_one_account() -> None:
    _user, _master, words = join("alice")
    with pytest.raises(joining.PhraseUsed):
        joining.join(name="bob", words=words)
    assert User.objects.count() == KeyPairs.objects.count() == Phrase.objects.count() == 1
    assert Channel.objects.count() == 1

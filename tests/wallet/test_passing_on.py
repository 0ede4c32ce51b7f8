"""What a page signed is passed on to the chain, or refused by name with nothing changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.cloudcoin import make
from tests.wallet import paper
from wetube.chain import keys, reading
from wetube.chain.models import ChainTx, Deployment
from wetube.chain.rpc import ChainAway
from wetube.cloudcoin.models import Escrow
from wetube.people.models import User
from wetube.wallet import locked, locking, refusals, sending
from wetube.wallet.models import Locking

pytestmark = pytest.mark.django_db
COIN = 10**8


@pytest.fixture
def place(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """A chain we know all about and that does not answer."""
    settings.CLOUDCOIN_RPC = "http://127.0.0.1:9"
    settings.KEYS_DIR = tmp_path / "keys"
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(keys, "SCRYPT_N", 2**8)
    return paper.deployment()


@pytest.fixture
def willing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain would take whatever is tried out on it."""
    monkeypatch.setattr(reading, "simulate", lambda *_args, **_how: b"")


@pytest.fixture
def page(place: Deployment) -> paper.Page:
    return paper.Page(place)


def everything() -> list[object]:
    """All that could have moved."""
    return [
        make.books(),
        sorted(ChainTx.objects.values_list("intent", flat=True)),
        sorted(Locking.objects.values_list("intent", flat=True)),
        sorted(Escrow.objects.values_list("channel", "tab__account__owner")),
    ]


def ask(user: User, page: paper.Page, **changed: Any) -> Locking:
    said: dict[str, Any] = {
        "config": page.config,
        "deposit": page.deposit(COIN),
        "proof": page.proof(user),
        **changed,
    }
    return locking.ask(user, **said)


def test_a_deposit_is_in_the_outbox_once_and_the_tab_is_the_persons(
    bob: User, page: paper.Page, willing: None
) -> None:
    deposit = page.deposit(COIN)

    first, again = ask(bob, page, deposit=deposit), ask(bob, page, deposit=deposit)

    assert first == again
    tx = ChainTx.objects.get(intent=first.intent)
    assert (tx.role, tx.to, tx.function) == ("relayer", page.place.channels, "deposit")
    [tab] = locked.of(bob)
    assert (tab.channel, tab.left) == (page.channel, 0)
    [waits] = locked.pending(bob)
    assert (waits.amount, waits.sentence, waits.failed) == (
        COIN,
        "waiting for a block that takes it in",
        False,
    )


def test_a_deposit_the_contract_refused_says_where_the_coin_is(
    bob: User, page: paper.Page, willing: None
) -> None:
    made = ask(bob, page)
    ChainTx.objects.filter(intent=made.intent).update(state=ChainTx.State.FAILED)

    [waits] = locked.pending(bob)

    assert waits.failed
    assert waits.sentence == "the chain refused it; the coin is still in your wallet"


def wrong(page: paper.Page, bob: User, alice: User) -> dict[str, tuple[type[Exception], Any]]:
    """What is wrong with a request: the refusal, and what of it is changed."""
    stranger, config = paper.Page(page.place), page.config
    garbled = {**page.deposit(COIN), "signature": "0x12"}
    return {
        "another gateway's vault": (
            refusals.OtherTerms,
            {"config": {**config, "receiver": alice_address(alice)}},
        ),
        "another coin": (
            refusals.OtherTerms,
            {"config": {**config, "token": alice_address(alice)}},
        ),
        "a shorter delay": (refusals.OtherTerms, {"config": {**config, "withdrawDelay": 900}}),
        "no salt": (refusals.Garbled, {"config": {**config, "salt": "0x00"}}),
        "a stranger's proof": (refusals.NotYours, {"proof": stranger.proof(bob)}),
        "a proof for another person": (refusals.NotYours, {"proof": page.proof(alice)}),
        "no proof": (refusals.NotYours, {"proof": ""}),
        "a short signature": (refusals.Garbled, {"deposit": garbled}),
        "a negative amount": (
            refusals.Garbled,
            {"deposit": {**page.deposit(COIN), "amount": "-1"}},
        ),
        "next to nothing": (refusals.TooLittle, {"deposit": page.deposit(10)}),
    }


def alice_address(_alice: User) -> str:
    return "0x5FbDB2315678afecb367f032d93F642f64180aa3"


CASES = [
    "another gateway's vault",
    "another coin",
    "a shorter delay",
    "no salt",
    "a stranger's proof",
    "a proof for another person",
    "no proof",
    "a short signature",
    "a negative amount",
    "next to nothing",
]


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_refused_by_name_and_nothing_changes(
    bob: User, alice: User, page: paper.Page, willing: None, case: str
) -> None:
    refusal, changed = wrong(page, bob, alice)[case]
    before = everything()

    with pytest.raises(refusal):
        ask(bob, page, **changed)

    assert everything() == before


def test_a_chain_that_is_away_or_unwilling_changes_nothing(
    bob: User, page: paper.Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything()
    with pytest.raises(ChainAway):
        ask(bob, page)

    def revert(*_args: object, **_how: object) -> bytes:
        raise reading.Reverted("ERC20InsufficientBalance")

    monkeypatch.setattr(reading, "simulate", revert)
    with pytest.raises(refusals.ChainRefused):
        ask(bob, page)
    with pytest.raises(refusals.ChainRefused):
        sending.ask(bob, page.transfer(alice_address(bob), COIN))

    assert everything() == before


def test_without_a_chain_nothing_is_passed_on(
    bob: User, page: paper.Page, settings: Settings
) -> None:
    said: dict[str, Any] = {
        "config": page.config,
        "deposit": page.deposit(COIN),
        "proof": page.proof(bob),
    }
    settings.CLOUDCOIN_RPC = ""
    with pytest.raises(refusals.NoChain):
        ask(bob, page, **said)
    with pytest.raises(refusals.NoChain):
        sending.ask(bob, page.transfer(alice_address(bob), COIN))


def test_the_fee_is_paid_so_many_times_a_day(
    bob: User, page: paper.Page, willing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "MOST_A_DAY", 1)
    monkeypatch.setattr(sending, "MOST_A_DAY", 1)
    ask(bob, page)
    sending.ask(bob, page.transfer(alice_address(bob), COIN))
    before = everything()

    with pytest.raises(refusals.TooOften):
        ask(bob, page)
    with pytest.raises(refusals.TooOften):
        sending.ask(bob, page.transfer(alice_address(bob), COIN))

    assert everything() == before


def test_a_signed_transfer_is_passed_on_once(bob: User, page: paper.Page, willing: None) -> None:
    said = page.transfer(alice_address(bob), COIN)

    first, again = sending.ask(bob, said), sending.ask(bob, said)

    assert first == again
    assert (first.to, first.role) == (page.place.token, "relayer")


def test_a_tab_is_adopted_by_whoever_holds_its_key(
    bob: User, alice: User, page: paper.Page
) -> None:
    locking.adopt(bob, config=page.config, proof=page.proof(bob))
    assert [tab.channel for tab in locked.of(bob)] == [page.channel]
    before = everything()

    with pytest.raises(refusals.NotYours):
        locking.adopt(alice, config=page.config, proof=page.proof(bob))

    assert everything() == before


@pytest.mark.parametrize("name", ["lock", "adopt", "send"])
@pytest.mark.parametrize("body", ["", "[]", "{", '{"config": 1}', "{}"])
def test_what_cannot_be_understood_is_answered_with_a_sentence(
    client: Client, bob: User, place: Deployment, name: str, body: str
) -> None:
    client.force_login(bob)
    before = everything()

    answer = client.post(reverse(f"wallet:{name}"), body, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json()["error"] == "This request cannot be understood."
    assert everything() == before


def test_a_page_hears_that_the_chain_is_away(client: Client, bob: User, page: paper.Page) -> None:
    client.force_login(bob)
    said = {"config": page.config, "deposit": page.deposit(COIN), "proof": page.proof(bob)}

    answer = client.post(reverse("wallet:lock"), json.dumps(said), content_type="application/json")

    assert answer.status_code == 503
    assert "chain" in answer.json()["error"]
    assert answer.headers["Retry-After"] == "60"


@pytest.mark.parametrize("name", ["lock", "adopt", "send"])
def test_visitors_pass_nothing_on(client: Client, name: str) -> None:
    answer = client.post(reverse(f"wallet:{name}"), "{}", content_type="application/json")

    assert answer.status_code == 302


def test_the_device_hears_what_the_books_say_of_its_tabs(
    client: Client, bob: User, page: paper.Page
) -> None:
    locking.adopt(bob, config=page.config, proof=page.proof(bob))
    client.force_login(bob)

    said = client.get(reverse("wallet:tab_standing")).json()

    assert said == {
        "tabs": [
            {
                "channel": page.channel,
                "left": "0",
                "spent": "0",
                "balance": "0",
                "open": True,
            }
        ]
    }

"""Coin that comes says what it waits for; coin that goes is asked once, and can be taken back."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.cloudcoin import make
from tests.wallet import paper
from wetube.chain import keys
from wetube.chain.models import ChainEvent, Deployment, SeenBlock
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Journal
from wetube.people.models import User
from wetube.settlement import standing
from wetube.settlement.models import PayoutRoot, StandingOrder, Withdrawal
from wetube.wallet import qr_codes

pytestmark = pytest.mark.django_db
ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
COIN = 10**8


@pytest.fixture
def page(client: Client, bob: User) -> Client:
    """Bob's browser."""
    client.force_login(bob)
    return client


@pytest.fixture
def place(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """A chain that waits for three blocks, and whose newest block is number 10."""
    settings.CLOUDCOIN_RPC = "http://127.0.0.1:9"
    settings.KEYS_DIR = tmp_path / "keys"
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(keys, "SCRYPT_N", 2**8)
    made = paper.deployment()
    Deployment.objects.update(confirmations=3)
    SeenBlock.objects.create(number=10, hash="0x" + "10" * 32)
    return made


def came(address: str, *, block: int, final: bool = False, canonical: bool = True) -> None:
    """The chain shows two coins sent to the address in this block."""
    ChainEvent.objects.create(
        block_number=block,
        block_hash=f"0x{block:064x}",
        log_index=0,
        tx_hash=f"0x{block:064x}",
        contract="Cloudcoin",
        name="Transfer",
        args={"from": ADDRESS, "to": address, "value": 2 * COIN},
        final=final,
        canonical=canonical,
    )


def see(browser: Client, name: str) -> str:
    answer = browser.get(reverse(f"wallet:{name}"))
    assert answer.status_code == 200
    return answer.content.decode()


def withdraw(browser: Client, **changed: str) -> int:
    said = {"amount": "2", "address": ADDRESS, "push": "on", "once": "0" * 16, **changed}
    return browser.post(reverse("wallet:withdraw"), said).status_code


def test_a_transfer_says_how_many_blocks_it_waits_for(page: Client, place: Deployment) -> None:
    address = page.get(reverse("wallet:top_up")).context["address"]
    came(address, block=10)

    assert "waiting for 2 more blocks" in see(page, "arriving")
    assert "2.00 CLD that you sent here: waiting for 2 more blocks." in see(page, "waiting")

    SeenBlock.objects.create(number=11, hash="0x" + "11" * 32)
    assert "waiting for 1 more block<" in see(page, "arriving")


def test_what_the_chain_took_back_or_sent_to_others_is_not_shown(
    page: Client, place: Deployment
) -> None:
    address = page.get(reverse("wallet:top_up")).context["address"]
    came(address, block=9, canonical=False)
    came(ADDRESS, block=10)

    assert "Nothing yet." in see(page, "arriving")


def test_what_was_credited_is_in_the_balance(page: Client, place: Deployment, bob: User) -> None:
    page.get(reverse("wallet:top_up"))
    ledger.post(
        reference="deposit:0xabc:1",
        kind=Journal.Kind.DEPOSIT,
        entries=[
            (ledger.house(Account.Kind.VAULT), -2 * COIN),
            (ledger.account_of(bob), 2 * COIN),
        ],
    )

    html = see(page, "arriving")

    assert "in your balance" in html
    assert "Free to spend now: 12.00 CLD." in html
    assert "Topped up" in see(page, "overview")


def test_the_address_stands_there_as_text_and_for_a_camera(page: Client, place: Deployment) -> None:
    answer = page.get(reverse("wallet:top_up"))

    html = answer.content.decode()
    assert html.count(answer.context["address"]) >= 2
    assert str(qr_codes.svg(answer.context["address"])) in html
    assert "style=" not in html


def test_coin_is_asked_out_once_however_often_the_form_is_sent(page: Client, bob: User) -> None:
    assert withdraw(page) == 302
    assert withdraw(page) == 302

    [asked] = Withdrawal.objects.all()
    assert (asked.amount, asked.address, asked.push) == (2 * COIN, ADDRESS, True)
    assert make.available(bob) == 8 * COIN
    assert "waiting for a chain" in see(page, "withdraw")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"amount": "11"}, "is missing"),
        ({"amount": "0.001"}, "This is less than is paid out at a time."),
        ({"amount": "-1"}, "Write an amount like 0.05."),
        ({"amount": ""}, "This field is required."),
        ({"address": "0x12"}, "An address is 0x and 40 digits"),
        ({"address": ADDRESS.replace("F", "f", 1)}, "There is a typing mistake"),
        ({"address": "0x" + "0" * 40}, "Nobody has this address"),
        ({"once": "<script>"}, "Reload the page and try again."),
    ],
)
def test_what_cannot_go_out_is_told_and_nothing_moves(
    page: Client, bob: User, changed: dict[str, str], sentence: str
) -> None:
    ledger.account_of(bob)
    before = make.books()

    said = {"amount": "2", "address": ADDRESS, "push": "on", "once": "0" * 16, **changed}
    answer = page.post(reverse("wallet:withdraw"), said)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert make.books() == before
    assert not Withdrawal.objects.exists()


def test_what_waits_can_be_taken_back_and_what_is_under_way_cannot(page: Client, bob: User) -> None:
    withdraw(page)
    asked = Withdrawal.objects.get()
    address = reverse("wallet:cancel_withdrawal", args=[asked.key])

    page.post(address)
    page.post(address)
    assert make.available(bob) == 10 * COIN

    withdraw(page, once="1" * 16)
    Withdrawal.objects.filter(state="asked").update(state="cancelled")  # as if somebody was faster
    before = make.books()
    page.post(reverse("wallet:cancel_withdrawal", args=[Withdrawal.objects.last().key]))  # type: ignore[union-attr]  # there are two
    assert make.books() == before


def test_nobody_takes_back_what_another_asked_out(client: Client, alice: User, bob: User) -> None:
    client.force_login(bob)
    withdraw(client)
    client.force_login(alice)
    ledger.account_of(alice)
    before = make.books()

    answer = client.post(reverse("wallet:cancel_withdrawal", args=[Withdrawal.objects.get().key]))

    assert answer.status_code == 404
    assert make.books() == before


def test_coin_goes_out_by_itself_until_that_is_ended(page: Client, bob: User) -> None:
    said = {"standing-threshold": "5", "standing-address": ADDRESS, "standing-push": "on"}
    page.post(reverse("wallet:order"), said)

    order = standing.of(bob)
    assert order is not None
    assert (order.threshold, order.address, order.push) == (5 * COIN, ADDRESS, True)
    assert 'value="5.00"' in see(page, "withdraw")

    page.post(reverse("wallet:end_order"))
    assert standing.of(bob) is None


def test_an_order_that_is_none_changes_nothing(page: Client) -> None:
    answer = page.post(
        reverse("wallet:order"), {"standing-threshold": "0", "standing-address": "me"}
    )

    assert answer.status_code == 422
    assert not StandingOrder.objects.exists()


def test_what_is_under_way_asks_again_by_itself_until_it_is_there(
    page: Client, place: Deployment, alice: User
) -> None:
    assert withdraw(page) == 302
    assert 'hx-get="/wallet/withdraw/going/"' in see(page, "withdraw")
    assert 'hx-get="/wallet/withdraw/going/"' in see(page, "going")

    root = PayoutRoot.objects.create(seq=1, total=1)
    Withdrawal.objects.update(state=Withdrawal.State.PAID, root=root, cumulative=1)
    assert "hx-get" not in see(page, "going")
    assert ADDRESS in see(page, "going")
    page.force_login(alice)
    assert ADDRESS not in see(page, "going")

"""What nobody waited for is taken up once: no drop is credited twice, and none is lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cloudcoin import make
from tests.settlement import events_by_hand
from tests.wire import sent
from tests.wire.desk import COIN, PRICE, Desk
from wetube.chain.models import ChainTx, SignedTx
from wetube.cloudcoin import escrows, invariants, ledger, rollup, tabs, till
from wetube.cloudcoin.models import Account, Escrow, Journal
from wetube.settlement import crediting
from wetube.settlement.models import IdleRefund
from wetube.wire import bookings, intents, loose_ends

pytestmark = pytest.mark.django_db


def theirs() -> int:
    return tabs.of_wallet(sent.payer.address).account.available


def vault() -> int:
    return ledger.house(Account.Kind.VAULT).balance


def holds() -> None:
    rollup.roll_up()
    assert invariants.check() == []


def test_a_transfer_nobody_waited_for_is_its_payers(desk: Desk) -> None:
    sent.transfer(desk.terms, PRICE)

    assert loose_ends.tie() == 1

    assert (theirs(), vault()) == (PRICE, -PRICE)
    holds()


def test_it_is_booked_once_however_often_it_is_looked_at(desk: Desk) -> None:
    tx = sent.transfer(desk.terms, PRICE)
    bookings.book(tx.intent, sent.payer.address, PRICE)  # as who died right after it

    assert [loose_ends.tie(), loose_ends.tie()] == [0, 0]

    assert theirs() == PRICE


@pytest.mark.parametrize("state", ["built", "sent", "mined", "failed", "replaced"])
def test_what_may_still_go_is_nobodys_yet(desk: Desk, state: str) -> None:
    sent.transfer(desk.terms, PRICE, state=state)
    before = make.books()

    assert loose_ends.tie() == 0
    assert make.books() == before


@pytest.mark.parametrize("first", ["us", "the chain's followers"])
def test_the_chains_followers_and_we_book_the_same_coin_once(desk: Desk, first: str) -> None:
    """Whatever letters the payer wrote their address in."""
    tx = sent.transfer(desk.terms, PRICE, who=sent.payer.address.lower())
    SignedTx.objects.create(
        tx=tx, sender=sent.payer.address, nonce=0, hash=tx.hash, raw=b"", max_fee=1, gas=1
    )
    words = {"from": sent.payer.address, "to": desk.terms.vault, "value": PRICE}
    events_by_hand.happens("Cloudcoin", "Transfer", tx=tx.hash, final=True, words=words)

    for step in (loose_ends.tie, crediting.credit)[:: 1 if first == "us" else -1]:
        step()

    assert (theirs(), vault()) == (PRICE, -PRICE)
    assert not crediting.is_behind()
    holds()


def test_booked_coin_that_the_chain_did_not_keep_is_taken_back(desk: Desk) -> None:
    tx = sent.transfer(desk.terms, PRICE, state="mined")
    bookings.book(tx.intent, sent.payer.address, PRICE)
    sent.ends(tx, "failed", succeeded=False)

    assert [loose_ends.tie(), loose_ends.tie()] == [1, 0]

    assert (theirs(), vault()) == (0, 0)
    holds()


def test_what_was_bought_with_it_the_gateway_pays_once_it_can(desk: Desk) -> None:
    tx = sent.transfer(desk.terms, PRICE, state="mined")
    bookings.book(tx.intent, sent.payer.address, PRICE)
    till.charge_tab(
        tabs.of_wallet(sent.payer.address),
        payee=desk.payee,
        amount=PRICE,
        reference=tx.intent,
        subject="video:a",
    )
    rollup.roll_up()
    sent.ends(tx, "replaced", succeeded=False)
    before = make.books()

    assert loose_ends.tie() == 0
    assert make.books() == before

    ledger.post(
        reference="gift",
        kind=Journal.Kind.GRANT,
        entries=[
            (ledger.house(Account.Kind.ISSUANCE), -PRICE),
            (ledger.house(Account.Kind.GATEWAY), PRICE),
        ],
    )
    assert [loose_ends.tie(), loose_ends.tie()] == [1, 0]
    assert vault() == 0
    holds()


def frozen(desk: Desk) -> Escrow:
    escrows.freeze(desk.escrow)
    return desk.escrow


def test_a_channel_whose_refund_failed_goes_on(desk: Desk) -> None:
    sent.refund(frozen(desk).channel)

    assert [loose_ends.tie(), loose_ends.tie()] == [1, 0]

    assert desk.view(1).status == 200


@pytest.mark.parametrize("state", ["built", "sent", "mined", "final"])
def test_while_a_refund_may_come_it_stays_frozen(desk: Desk, state: str) -> None:
    sent.refund(frozen(desk).channel, state=state)

    assert loose_ends.tie() == 0
    assert desk.escrow.state == "frozen"


@pytest.mark.parametrize("state", ["sent", "mined", "final"])
def test_a_newer_refund_decides(desk: Desk, state: str) -> None:
    channel = frozen(desk).channel
    sent.refund(channel)
    sent.refund(channel, nonce=1, state=state)

    assert loose_ends.tie() == 0
    assert desk.escrow.state == "frozen"


def test_what_is_frozen_for_another_reason_stays_so(desk: Desk) -> None:
    sent.refund(desk.channel)
    escrows.freeze(desk.escrow, withdraw_at=timezone.now() + timedelta(days=1))

    assert loose_ends.tie() == 0
    assert desk.escrow.state == "frozen"


def test_coin_that_the_chain_took_stays_frozen(desk: Desk) -> None:
    sent.refund(desk.channel)
    escrows.deposit_gone(desk.escrow, reference=f"deposit:{desk.channel}:0")

    assert loose_ends.tie() == 0
    assert desk.escrow.state == "frozen"


def test_an_idle_refund_under_way_keeps_it_frozen(desk: Desk) -> None:
    escrow = frozen(desk)
    sent.refund(escrow.channel)
    IdleRefund.objects.create(escrow=escrow, intent="idle:1:1", amount=COIN)

    assert loose_ends.tie() == 0
    assert desk.escrow.state == "frozen"


def test_a_failure_thaws_once_and_no_later_freeze(desk: Desk) -> None:
    sent.refund(frozen(desk).channel)
    loose_ends.tie()
    frozen(desk)

    assert loose_ends.tie() == 0
    assert desk.escrow.state == "frozen"


def test_a_refund_that_failed_may_be_asked_again_under_its_name(desk: Desk) -> None:
    for _ in range(2):
        sent.refund(frozen(desk).channel)
        assert loose_ends.tie() == 1
    assert not ChainTx.objects.filter(intent=intents.of_giving_back(desk.channel, 0)).exists()

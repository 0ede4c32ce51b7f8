"""One-off payments that were sent before: they buy what they were signed for, once."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.utils import timezone

from tests.cloudcoin import make
from tests.wire import sent
from tests.wire.desk import PRICE, Desk, Reply
from wetube.cloudcoin import invariants, ledger, rollup, tabs
from wetube.cloudcoin.models import Account, Charge
from wetube.settlement import idle
from wetube.settlement.models import Withdrawal
from wetube.wire import library, loose_ends, on_chain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _chain_has_answered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the rows say is all there is to wait for; on the test's own connection."""
    import_module("wetube.wire.transfers")

    async def at_once(_self: object, work: object) -> object:
        from asgiref.sync import sync_to_async

        return await sync_to_async(work)()  # type: ignore[arg-type]  # a plain function

    monkeypatch.setattr(on_chain.OnChain, "_do", at_once)
    monkeypatch.setattr(library, "wait", lambda _intent: None)


def buy(desk: Desk, *, value: int = 0, signature: bytes = sent.SIGNATURE) -> Reply:
    return desk.ask(sent.payment(desk.terms, PRICE, value=value, signature=signature))


def test_who_comes_back_after_settlement_pending_gets_the_film(desk: Desk) -> None:
    tx = sent.transfer(desk.terms, PRICE, state="sent")
    first = buy(desk)
    assert (first.status, first.said["error"]) == (503, "settlement_pending")

    sent.ends(tx, "mined")
    answers = [buy(desk), buy(desk)]

    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].said == answers[1].said
    charge = Charge.objects.get()
    assert (charge.amount, charge.kind) == (PRICE, "purchase")
    rollup.roll_up()
    assert invariants.check() == []


def test_who_pays_anew_instead_gets_the_first_coin_back(desk: Desk, settings: object) -> None:
    """The new payment has another nonce; the first one's coin waits for its payer."""
    settings.WITHDRAWAL_MINIMUM_DROPS = 1  # type: ignore[attr-defined]
    sent.transfer(desk.terms, PRICE)
    loose_ends.tie()
    wallet = Account.objects.get(kind="wallet", address=sent.payer.address)
    assert wallet.available == PRICE

    idle.refund()

    asked = Withdrawal.objects.get(account=wallet)
    assert (asked.amount, asked.address) == (PRICE, sent.payer.address)
    before = make.books()
    late = buy(desk)  # what has gone back buys nothing more
    assert (late.status, late.said["reason"]) == (402, "payment_spent")
    assert make.books() == before


def test_the_coin_that_waits_still_buys(desk: Desk) -> None:
    sent.transfer(desk.terms, PRICE)
    loose_ends.tie()

    assert buy(desk).status == 200

    assert tabs.of_wallet(sent.payer.address).account.available == 0
    assert loose_ends.tie() == 0


def test_nobody_buys_more_with_it_than_was_signed(desk: Desk) -> None:
    sent.transfer(desk.terms, 1, state="mined")
    before = make.books()

    for value in (1, PRICE):
        answer = buy(desk, value=value)
        assert (answer.status, answer.said["error"]) == (402, "price_changed")
    assert make.books() == before


def test_a_stranger_who_reads_the_chain_buys_nothing_else_with_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another film is another transfer, which the chain has to take; it takes each once."""
    sent.transfer(desk.terms, PRICE)
    asked = []
    monkeypatch.setattr(library, "settle", lambda *_what, intent, **_more: asked.append(intent))
    monkeypatch.setattr("wetube.wire.transfers._sent", _not_taken)
    before = make.books()

    answer = desk.ask(sent.payment(desk.terms, PRICE), path="videos/b")

    assert (answer.status, len(asked)) == (402, 1)
    assert make.books() == before


def _not_taken(_intent: str, _price: int) -> None:
    from wetube.wire.refusals import Declined

    raise Declined("invalid_exact_evm_nonce_already_used")


def test_another_signature_is_not_this_payment(desk: Desk) -> None:
    sent.transfer(desk.terms, PRICE)
    before = make.books()

    answer = buy(desk, signature=b"\x05" * 32 + b"\x06" * 32 + b"\x1b")

    assert (answer.status, answer.said["error"]) == (402, "bad_signature")
    assert make.books() == before


def test_what_was_bought_long_ago_is_not_handed_over_again(desk: Desk) -> None:
    sent.transfer(desk.terms, PRICE)
    assert buy(desk).status == 200
    with pytest.MonkeyPatch.context() as later:
        later.setattr("wetube.wire.transfers.ANSWERED_AGAIN", -timedelta(seconds=1))
        answer = buy(desk)
    assert (answer.status, answer.said["reason"]) == (402, "payment_spent")
    assert Charge.objects.get().at <= timezone.now()


def test_a_transfer_the_contract_refused_in_its_block_buys_nothing(desk: Desk) -> None:
    tx = sent.transfer(desk.terms, PRICE, state="mined")
    sent.ends(tx, "mined", succeeded=False)
    before = make.books()

    answer = buy(desk)

    assert (answer.status, answer.said["error"]) == (402, "declined")
    assert make.books() == before


def test_much_coin_counts_only_when_it_is_final(desk: Desk, settings: object) -> None:
    settings.UNCONFIRMED_EXPOSURE = PRICE - 1  # type: ignore[attr-defined]
    tx = sent.transfer(desk.terms, PRICE, state="mined")
    assert buy(desk).status == 503

    sent.ends(tx, "final")
    assert buy(desk).status == 200
    assert ledger.house(Account.Kind.VAULT).balance == -PRICE

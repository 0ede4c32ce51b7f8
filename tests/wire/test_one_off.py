"""One-off payments that were sent before: they buy what they were signed for, once."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from tests.cloudcoin import make
from tests.wire import sent
from tests.wire.desk import PRICE, Desk, Reply
from wetube.cloudcoin import invariants, ledger, rollup, tabs
from wetube.cloudcoin.models import Account, Charge
from wetube.settlement import idle
from wetube.settlement.models import Withdrawal
from wetube.wire import bookings, library, loose_ends, on_chain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _chain_has_answered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the rows say is all there is to wait for; on the test's own connection."""
    import_module("wetube.wire.transfers")

    async def at_once(_self: object, work: Callable[[], object]) -> object:
        return await sync_to_async(work)()

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


def top_up(desk: Desk) -> Reply:
    return desk.ask(sent.payment(desk.terms, PRICE), path="deposits/alice")


def for_alice(desk: Desk) -> str:
    return f"account:{ledger.account_of(desk.payee).key}"


def test_a_top_up_is_the_persons_whole_and_once(desk: Desk) -> None:
    had = make.available(desk.payee)
    sent.transfer(desk.terms, PRICE, subject=for_alice(desk))

    answers = [top_up(desk), top_up(desk)]

    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].said["deposited"] == str(PRICE)
    assert answers[0].paid["success"]
    assert loose_ends.tie() == 0
    assert make.available(desk.payee) == had + PRICE
    assert ledger.house(Account.Kind.VAULT).balance == -PRICE
    assert not Charge.objects.exists()
    assert invariants.check() == []


def test_a_top_up_nobody_waited_for_arrives_all_the_same(desk: Desk) -> None:
    had = make.available(desk.payee)
    tx = sent.transfer(desk.terms, PRICE, subject=for_alice(desk))
    bookings.book(tx.intent, sent.payer.address, PRICE)  # by the chain's followers

    assert [loose_ends.tie(), loose_ends.tie()] == [1, 0]

    assert make.available(desk.payee) == had + PRICE
    assert top_up(desk).status == 200
    assert make.available(desk.payee) == had + PRICE


def test_a_top_up_the_chain_did_not_keep_is_taken_out_of_the_balance(desk: Desk) -> None:
    had = make.available(desk.payee)
    tx = sent.transfer(desk.terms, PRICE, subject=for_alice(desk), state="mined")
    assert top_up(desk).status == 200
    sent.ends(tx, "failed", succeeded=False)

    assert [loose_ends.tie(), loose_ends.tie()] == [1, 0]

    assert make.available(desk.payee) == had
    assert ledger.house(Account.Kind.VAULT).balance == 0
    assert invariants.check() == []


def test_coin_meant_for_a_film_tops_nobody_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sent.transfer(desk.terms, PRICE, subject="video:a")
    monkeypatch.setattr(library, "settle", lambda *_what, **_more: None)
    monkeypatch.setattr("wetube.wire.transfers._sent", _not_taken)
    before = make.books()

    assert top_up(desk).status == 402
    assert make.books() == before


def test_a_top_up_is_offered_by_transfer_alone(desk: Desk) -> None:
    asked = desk.ask(path="deposits/alice")
    assert asked.status == 402
    assert [each["scheme"] for each in asked.required["accepts"]] == ["exact"]

    before = make.books()
    answer = desk.ask(desk.payment(PRICE), path="deposits/alice")
    assert (answer.status, answer.said["error"]) == (402, "wrong_scheme")
    assert make.books() == before

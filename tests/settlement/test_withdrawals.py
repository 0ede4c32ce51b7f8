"""Coin asked out leaves the balance at once, and comes back while no payout has it."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from tests.cloudcoin.make import available, together
from tests.settlement import make
from wetube.cloudcoin import invariants, ledger
from wetube.cloudcoin.models import Account
from wetube.people.models import User
from wetube.settlement import payouts, rooting, standing, withdrawals
from wetube.settlement.models import StandingOrder, Withdrawal

pytestmark = pytest.mark.django_db

ADDRESS = make.address(7)


def test_what_is_asked_waits_outside_the_balance(bob: User) -> None:
    before = available(bob)

    made = withdrawals.ask(bob, amount=make.COIN, address=ADDRESS.lower())

    assert (made.state, made.address, made.push) == ("asked", ADDRESS, True)
    assert available(bob) == before - make.COIN
    assert ledger.house(Account.Kind.PAYOUTS).balance == make.COIN
    assert payouts.due(bob) == payouts.Due(asked=make.COIN, rooted=0)
    assert payouts.due(bob).total == make.COIN
    assert invariants.check() == []


def test_cancelled_coin_is_back_once(bob: User) -> None:
    before = available(bob)
    made = make.asked(bob)

    withdrawals.cancel(made)
    again = withdrawals.cancel(made)

    assert again.state == "cancelled"
    assert available(bob) == before
    assert payouts.due(bob).total == 0
    assert invariants.check() == []


def test_what_is_in_a_payout_is_not_cancelled(bob: User) -> None:
    made = make.asked(bob)
    rooting.make_root(funds=make.COIN)
    before = make.everything()

    with pytest.raises(withdrawals.TooLate, match="too late"):
        withdrawals.cancel(made)

    assert make.everything() == before
    assert payouts.due(bob) == payouts.Due(asked=0, rooted=make.COIN)


def test_the_same_reference_asks_once(bob: User) -> None:
    once = withdrawals.ask(bob, amount=make.COIN, address=ADDRESS, reference="form:1")
    again = withdrawals.ask(bob, amount=make.COIN, address=ADDRESS, reference="form:1")
    before = make.everything()

    assert once == again
    with pytest.raises(withdrawals.ReferenceReused):
        withdrawals.ask(bob, amount=2 * make.COIN, address=ADDRESS, reference="form:1")
    assert make.everything() == before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "An address is 0x"),
        ("0x12", "An address is 0x"),
        (ADDRESS[2:], "An address is 0x"),
        (f"{ADDRESS}0", "An address is 0x"),
        ("0x" + "g" * 40, "An address is 0x"),
        ("0x" + "٣" * 40, "An address is 0x"),
        (ADDRESS[:-1] + ADDRESS[-1].swapcase() if ADDRESS[-1].isalpha() else ADDRESS.swapcase(),
         "typing mistake|An address"),
        ("0x" + "0" * 40, "Nobody has"),
    ],
)  # fmt: skip
def test_what_is_no_address_moves_nothing(bob: User, text: str, says: str) -> None:
    ledger.account_of(bob)
    before = make.everything()

    with pytest.raises(withdrawals.NotAnAddress, match=says):
        withdrawals.ask(bob, amount=make.COIN, address=text)

    assert make.everything() == before


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        (0, withdrawals.BadAmount),
        (-1, withdrawals.BadAmount),
        (10**6 - 1, withdrawals.BelowMinimum),
        (10 * make.COIN + 1, withdrawals.InsufficientFunds),
        (2**62, withdrawals.InsufficientFunds),
    ],
)
def test_what_cannot_be_paid_moves_nothing(
    bob: User, amount: int, refusal: type[Exception]
) -> None:
    ledger.account_of(bob)
    before = make.everything()

    with pytest.raises(refusal):
        withdrawals.ask(bob, amount=amount, address=ADDRESS)

    assert make.everything() == before


def test_a_standing_order_waits_for_its_threshold(bob: User) -> None:
    standing.order(bob, address=ADDRESS, threshold=11 * make.COIN)
    assert standing.carry_out(1) == []

    make.topped_up(bob, 2 * make.COIN)
    (made,) = standing.carry_out(1)

    assert made.amount == 12 * make.COIN
    assert available(bob) == 0
    assert standing.carry_out(1) == []
    assert Withdrawal.objects.count() == 1


def test_a_standing_order_is_changed_and_ended(bob: User) -> None:
    standing.order(bob, address=ADDRESS, threshold=make.COIN)
    standing.order(bob, address=make.address(8), threshold=2 * make.COIN, push=False)
    changed = standing.of(bob)
    assert changed
    assert (changed.address, changed.threshold, changed.push) == (
        make.address(8), 2 * make.COIN, False,
    )  # fmt: skip

    standing.end(bob)
    standing.end(bob)

    assert standing.of(bob) is None
    assert standing.carry_out(1) == []


@pytest.mark.parametrize(
    ("address", "threshold", "refusal"),
    [
        ("0x12", make.COIN, standing.NotAnAddress),
        (ADDRESS, 10**6 - 1, standing.BelowMinimum),
    ],
)
def test_a_bad_order_is_not_kept(
    bob: User, address: str, threshold: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        standing.order(bob, address=address, threshold=threshold)
    assert not StandingOrder.objects.exists()


def test_without_a_chain_there_is_no_next_payout(settings: Settings) -> None:
    settings.CLOUDCOIN_RPC = ""
    assert payouts.next_at() is None
    settings.CLOUDCOIN_RPC = "http://127.0.0.1:1"
    at = payouts.next_at()
    assert at
    assert at.timestamp() % settings.PAYOUT_SECONDS == 0


def test_an_account_emptied_by_two_hands_is_emptied_once(bob: User, shared_books: None) -> None:
    ledger.account_of(bob)

    def empty() -> Withdrawal:
        return withdrawals.ask(bob, amount=10 * make.COIN, address=ADDRESS)

    calls: list[Callable[[], Withdrawal]] = [empty] * 3
    answers = together(*calls)

    assert sum(isinstance(answer, Withdrawal) for answer in answers) == 1
    assert sum(isinstance(answer, withdrawals.InsufficientFunds) for answer in answers) == 2
    assert available(bob) == 0

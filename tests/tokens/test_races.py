"""Many hands at once: a token is spent once, a quote signed once, and everybody gets an answer."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from tests.cloudcoin.conftest import shared_books
from tests.cloudcoin.make import together
from tests.tokens import holder, make
from wetube.cloudcoin import invariants, ledger, rollup
from wetube.cloudcoin.models import Charge
from wetube.people.models import User
from wetube.tokens import keysets, liability, melting, minting, quotes, spending, swapping
from wetube.tokens.models import Keyset, Quote
from wetube.tokens.refusals import AlreadyIssued, AlreadyPaid, AlreadySpent

__all__ = ["shared_books"]

pytestmark = pytest.mark.usefixtures("shared_books")

HANDS = 8


@pytest.fixture
def alice() -> User:
    return User.objects.create(name="alice")


@pytest.fixture
def bob() -> User:
    return User.objects.create(name="bob")


def kinds(answers: Sequence[object]) -> list[str]:
    return sorted(type(answer).__name__ for answer in answers)


def test_a_token_paid_many_times_at_once_pays_once(alice: User, bob: User) -> None:
    text = holder.as_text(holder.bought(bob, make.PRICE))
    bills = [make.bill(alice, subject=f"video:{number}") for number in range(HANDS)]

    answers = together(*[partial(spending.pay, text, bill) for bill in bills])

    assert kinds(answers) == ["AlreadySpent"] * (HANDS - 1) + ["Paid"]
    assert Charge.objects.count() == 1
    assert liability.look().is_covered


def test_overlapping_tokens_at_once_pay_once_each(alice: User, bob: User) -> None:
    """Each pair shares a token with the next, in both orders: nobody waits in a circle."""
    tokens = holder.bought(bob, 700) + holder.bought(bob, 700)
    pairs = [(tokens[place - 1], tokens[place]) for place in range(len(tokens))]
    calls = [
        partial(spending.pay, holder.as_text(pair), make.bill(alice, holder.worth(pair)))
        for pair in [*pairs, *[pair[::-1] for pair in pairs]]
    ]

    answers = together(*calls)

    paid = [answer for answer in answers if isinstance(answer, spending.Paid)]
    assert {type(answer) for answer in answers} == {spending.Paid, AlreadySpent}
    assert 1 <= len(paid) <= len(tokens) // 2
    assert liability.look().is_covered


def test_the_same_payment_with_its_word_at_once_is_one_payment(alice: User, bob: User) -> None:
    text = holder.as_text(holder.bought(bob, make.PRICE))

    answers = together(*[partial(spending.pay, text, make.bill(alice), retry="word")] * HANDS)

    assert {answer.charge for answer in answers} == {Charge.objects.get()}  # type: ignore[union-attr]


def test_a_token_swapped_melted_and_paid_at_once_goes_one_way(alice: User, bob: User) -> None:
    tokens = holder.bought(bob, 5000)
    text, quote = holder.as_text(tokens), melting.ask(5000, to=ledger.account_of(bob).key)
    calls: list[Callable[[], object]] = [
        partial(spending.pay, text, make.bill(alice, 5000)),
        partial(swapping.swap, tokens, holder.shown(holder.split(5000))),
        partial(swapping.swap, tokens, holder.shown(holder.split(5000))),
        partial(melting.melt, quote, tokens, []),
    ]

    answers = together(*calls)

    assert kinds(answers).count("AlreadySpent") == 3
    rollup.roll_up()
    assert liability.look().is_covered
    assert invariants.check() == []


def test_a_quote_paid_at_once_is_paid_once(bob: User) -> None:
    ledger.account_of(bob)
    quote = quotes.ask(make.COIN)

    answers = together(*[partial(quotes.pay, quote, payer=bob)] * HANDS)

    assert {type(answer) for answer in answers} == {Quote}
    assert ledger.account_of(bob).available == 9 * make.COIN


def test_a_quote_signed_at_once_is_signed_once(bob: User) -> None:
    quote = holder.paid_quote(bob, 700)

    answers = together(
        *[partial(minting.sign, quote, holder.shown(holder.split(700))) for _ in range(HANDS)]
    )

    assert [type(answer) for answer in answers].count(AlreadyIssued) == HANDS - 1
    assert liability.outstanding() == 700


def test_a_melting_quote_is_paid_once(bob: User) -> None:
    quote = melting.ask(500, to=ledger.account_of(bob).key)
    purses = [holder.bought(bob, 500) for _ in range(4)]

    answers = together(*[partial(melting.melt, quote, purse, []) for purse in purses])

    assert [type(answer) for answer in answers].count(AlreadyPaid) == 3
    assert liability.outstanding() == 1500
    assert liability.look().is_covered


def test_first_askings_at_once_make_one_keyset() -> None:
    answers = together(*[keysets.current] * HANDS)

    assert {type(answer) for answer in answers} == {Keyset}
    assert Keyset.objects.filter(active=True).count() == 1

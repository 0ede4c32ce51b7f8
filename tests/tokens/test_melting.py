"""Tokens become coin once, on the account that was named, with change to the drop."""

from dataclasses import replace

import pytest

from tests.tokens import holder, make
from wetube.cloudcoin import invariants, ledger
from wetube.cloudcoin.models import Account
from wetube.people.models import User
from wetube.tokens import liability, melting, quotes
from wetube.tokens.models import Quote
from wetube.tokens.refusals import (
    AlreadyPaid,
    AlreadySpent,
    BadProof,
    OutOfRange,
    Unbalanced,
    UnknownPayee,
    UnknownQuote,
)

pytestmark = pytest.mark.django_db


def to(user: User, amount: int) -> Quote:
    return melting.ask(amount, to=ledger.account_of(user).key)


def test_tokens_melt_into_coin_with_change(bob: User, alice: User) -> None:
    tokens, kept = holder.bought(bob, make.COIN), holder.hidden([0] * 5)

    melted = melting.melt(to(alice, make.PRICE), tokens, holder.shown(kept))

    assert melted.quote.state == Quote.State.PAID
    assert sum(row.amount for row in melted.change) == make.COIN - make.PRICE
    assert ledger.account_of(alice).available == 10 * make.COIN + make.PRICE
    assert liability.look().is_covered
    assert invariants.check() == []


def test_the_same_again_has_the_same_answer(bob: User) -> None:
    tokens, kept = holder.bought(bob, make.COIN), holder.hidden([0] * 5)
    quote = to(bob, make.PRICE)
    first = melting.melt(quote, tokens, holder.shown(kept))
    before = make.everything()

    again = melting.melt(quotes.of(quote.key, Quote.Kind.MELT), tokens, holder.shown(kept))

    assert [row.signature for row in again.change] == [row.signature for row in first.change]
    assert make.everything() == before


def test_a_paid_quote_takes_no_other_tokens(bob: User) -> None:
    quote = to(bob, 500)
    melting.melt(quote, holder.bought(bob, 500), [])
    others = holder.bought(bob, 500)
    before = make.everything()

    for asked in (quote, quotes.of(quote.key, Quote.Kind.MELT)):
        with pytest.raises(AlreadyPaid):
            melting.melt(asked, others, [])
    assert make.everything() == before


def test_spent_tokens_melt_to_nothing(bob: User) -> None:
    tokens = holder.bought(bob, 500)
    melting.melt(to(bob, 500), tokens, [])
    quote = to(bob, 500)
    before = make.everything()

    with pytest.raises(AlreadySpent):
        melting.melt(quote, tokens, [])
    assert make.everything() == before


def test_what_does_not_fit_is_refused(bob: User) -> None:
    tokens = holder.bought(bob, 500)
    quote, small = to(bob, 501), to(bob, 1)
    before = make.everything()

    with pytest.raises(Unbalanced):
        melting.melt(quote, tokens, [])
    with pytest.raises(Unbalanced):  # 499 is seven tokens
        melting.melt(small, tokens, holder.shown(holder.hidden([0] * 6)))
    assert make.everything() == before


def test_forged_tokens_melt_to_nothing(bob: User) -> None:
    [token] = holder.bought(bob, 500)
    quote = to(bob, 1000)
    before = make.everything()

    with pytest.raises(BadProof):
        melting.melt(quote, [replace(token, amount=1000)], [])
    assert make.everything() == before


def test_coin_goes_to_people_only(bob: User) -> None:
    ledger.account_of(bob)
    house = ledger.house(Account.Kind.GATEWAY)

    for key in ("", "nobody", "\0", "x" * 5000, house.key):
        with pytest.raises(UnknownPayee):
            melting.ask(5, to=key)
    with pytest.raises(OutOfRange):
        to(bob, 0)
    assert not Quote.objects.exists()


def test_a_quote_of_one_kind_is_none_of_the_other(bob: User) -> None:
    with pytest.raises(UnknownQuote):
        quotes.of(to(bob, 5).key)
    with pytest.raises(UnknownQuote):
        quotes.of(quotes.ask(5).key, Quote.Kind.MELT)

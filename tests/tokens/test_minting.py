"""A quote is paid once and signed once; a lost answer is given again, a different one never."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.tokens import holder, make
from wetube.cloudcoin import invariants, ledger
from wetube.cloudcoin.refusals import InsufficientFunds
from wetube.people.models import User
from wetube.tokens import keysets, liability, minting, quotes
from wetube.tokens.models import Quote
from wetube.tokens.refusals import (
    AlreadyIssued,
    AlreadySigned,
    InactiveKeyset,
    Malformed,
    NotPaid,
    OutOfRange,
    QuoteExpired,
    Unbalanced,
    UnknownKeyset,
    UnknownQuote,
)

pytestmark = pytest.mark.django_db


def test_coin_becomes_tokens_of_the_same_worth(bob: User) -> None:
    tokens = holder.bought(bob, make.COIN)

    assert holder.worth(tokens) == make.COIN
    assert ledger.account_of(bob).available == 9 * make.COIN
    owed = liability.look()
    assert (owed.issued, owed.spent, owed.waiting) == (make.COIN, 0, 0)
    assert owed.is_covered
    assert invariants.check() == []


def test_paying_a_quote_twice_costs_once(bob: User, alice: User) -> None:
    quote = holder.paid_quote(bob, make.COIN)
    ledger.account_of(alice)
    before = make.everything()

    quotes.pay(quote, payer=bob)
    quotes.pay(quote, payer=alice)

    assert make.everything() == before
    assert ledger.account_of(bob).available == 9 * make.COIN
    assert ledger.account_of(alice).available == 10 * make.COIN


def test_the_same_outputs_again_have_the_same_answer(bob: User) -> None:
    quote, kept = holder.paid_quote(bob, 700), holder.split(700)
    first = minting.sign(quote, holder.shown(kept))
    before = make.everything()

    quote.refresh_from_db()
    again = minting.sign(quote, holder.shown(kept))

    assert [row.signature for row in again] == [row.signature for row in first]
    assert make.everything() == before


def test_a_quote_is_not_signed_twice_over_other_outputs(bob: User) -> None:
    quote = holder.paid_quote(bob, 700)
    minting.sign(quote, holder.shown(holder.split(700)))
    before = make.everything()

    for asked in (quote, quotes.of(quote.key)):  # one still says "paid"
        with pytest.raises(AlreadyIssued):
            minting.sign(asked, holder.shown(holder.split(700)))
    assert make.everything() == before


def test_an_output_is_not_signed_for_two_quotes(bob: User) -> None:
    kept = holder.split(700)
    minting.sign(holder.paid_quote(bob, 700), holder.shown(kept))
    other = holder.paid_quote(bob, 700)
    before = make.everything()

    with pytest.raises(AlreadySigned):
        minting.sign(other, holder.shown(kept))
    assert make.everything() == before


def test_what_is_not_paid_is_not_signed(bob: User) -> None:
    quote = quotes.ask(700)
    before = make.everything()

    with pytest.raises(NotPaid):
        minting.sign(quote, holder.shown(holder.split(700)))
    assert make.everything() == before


def test_nobody_pays_more_than_they_have(bob: User) -> None:
    ledger.account_of(bob)
    quote = quotes.ask(11 * make.COIN)
    before = make.everything()

    with pytest.raises(InsufficientFunds):
        quotes.pay(quote, payer=bob)
    assert make.everything() == before


def test_a_quote_cannot_be_paid_after_its_hour(bob: User) -> None:
    ledger.account_of(bob)
    quote = quotes.ask(5)
    Quote.objects.filter(pk=quote.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    before = make.everything()

    with pytest.raises(QuoteExpired):
        quotes.pay(quote, payer=bob)
    assert make.everything() == before


def test_only_quotes_nobody_paid_are_forgotten(bob: User) -> None:
    paid, unpaid, fresh = holder.paid_quote(bob, 5), quotes.ask(5), quotes.ask(5)
    late = timezone.now() - timedelta(seconds=1)
    Quote.objects.filter(pk__in=[paid.pk, unpaid.pk]).update(expires_at=late)

    assert quotes.forget() == 1

    assert set(Quote.objects.all()) == {paid, fresh}


@pytest.mark.parametrize("amount", [0, -1, 10**12 + 1, 2**70, 1.0, True, "5", None])
def test_no_quote_for_what_is_no_amount(amount: object) -> None:
    with pytest.raises(OutOfRange):
        quotes.ask(amount)  # type: ignore[arg-type]
    assert not Quote.objects.exists()


@pytest.mark.parametrize("key", ["", "0" * 32, "x" * 32, "\0" * 32, "0" * 10_000])
def test_an_unknown_quote_is_said_to_be_unknown(key: str) -> None:
    with pytest.raises(UnknownQuote):
        quotes.of(key)


def test_outputs_worth_something_else_are_refused(bob: User) -> None:
    quote = holder.paid_quote(bob, 700)
    before = make.everything()

    for amount in (699, 701):
        with pytest.raises(Unbalanced):
            minting.sign(quote, holder.shown(holder.split(amount)))
    assert make.everything() == before


def test_an_amount_without_a_key_is_refused(bob: User) -> None:
    quote = holder.paid_quote(bob, 700)
    [odd] = holder.shown(holder.hidden([700]))
    before = make.everything()

    with pytest.raises(Malformed):
        minting.sign(quote, [odd])
    assert make.everything() == before


@pytest.mark.parametrize("key", ["", "01" + "00" * 32, "0" * 16, "\0" * 16, "x"])
def test_an_unknown_keyset_signs_nothing(bob: User, key: str) -> None:
    quote = holder.paid_quote(bob, 500)
    [output] = holder.shown(holder.split(500))
    before = make.everything()

    with pytest.raises(UnknownKeyset):
        minting.sign(quote, [replace(output, keyset=key)])
    assert make.everything() == before


def test_an_old_keyset_signs_no_more(bob: User) -> None:
    quote, kept = holder.paid_quote(bob, 500), holder.split(500)
    keysets.rotate()
    before = make.everything()

    with pytest.raises(InactiveKeyset):
        minting.sign(quote, holder.shown(kept))
    assert make.everything() == before


def test_only_what_was_signed_is_restored(bob: User) -> None:
    kept = holder.split(750)
    signed = minting.sign(holder.paid_quote(bob, 750), holder.shown(kept))
    others = holder.shown(holder.split(3))

    blank = [replace(output, amount=0) for output in holder.shown(kept)]

    assert minting.restore([*others, *blank]) == signed

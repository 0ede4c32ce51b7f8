"""Quotes: anybody may ask for tokens by amount; a person pays from the balance, once."""

import re
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from wetube.cloudcoin import ledger
from wetube.cloudcoin.ledger import InsufficientFunds
from wetube.cloudcoin.models import Account, Journal
from wetube.people.models import User
from wetube.tokens.denominations import MOST
from wetube.tokens.models import Quote
from wetube.tokens.refusals import OutOfRange, QuoteExpired, UnknownQuote

__all__ = ["InsufficientFunds", "ask", "forget", "of", "pay"]

LEAST = 1
MINUTES = 60
_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)


def ask(amount: int) -> Quote:
    """A quote for tokens worth this many drops, to be paid within the hour. Raises OutOfRange."""
    check_range(amount)
    until = timezone.now() + timedelta(minutes=MINUTES)
    return Quote.objects.create(
        kind=Quote.Kind.MINT, state=Quote.State.UNPAID, amount=amount, expires_at=until
    )


def check_range(amount: object) -> int:
    """The amount, if it is a whole number of drops one may buy or turn back. Raises OutOfRange."""
    if isinstance(amount, bool) or not isinstance(amount, int) or not LEAST <= amount <= MOST:
        raise OutOfRange(least=LEAST, most=MOST)
    return amount


def of(key: str, kind: Quote.Kind = Quote.Kind.MINT) -> Quote:
    """The quote known by this key. Raises UnknownQuote."""
    quote = Quote.objects.filter(key=key, kind=kind).first() if _KEY.fullmatch(key) else None
    if quote is None:
        raise UnknownQuote
    return quote


@transaction.atomic
def pay(quote: Quote, *, payer: User) -> Quote:
    """Pay a quote from the person's balance; a quote that is paid already stays as it is.

    Raises QuoteExpired, InsufficientFunds: then nothing has moved.
    """
    quote = locked(quote)
    if quote.state != Quote.State.UNPAID:
        return quote
    if quote.is_over:
        raise QuoteExpired
    account = ledger.account_of(payer)
    ledger.post(
        reference=f"tokens:{quote.key}",
        kind=Journal.Kind.TOKENS,
        entries=[(account, -quote.amount), (ledger.house(Account.Kind.TOKENS), quote.amount)],
    )
    quote.move_to(Quote.State.PAID)
    return quote


def locked(quote: Quote) -> Quote:
    """The quote as it is now, kept from other hands until the commit."""
    return Quote.objects.select_for_update(of=("self",)).get(pk=quote.pk)


def forget() -> int:
    """Delete quotes nobody paid in time; how many."""
    over = Quote.objects.filter(state=Quote.State.UNPAID, expires_at__lte=timezone.now())
    return over.delete()[0]

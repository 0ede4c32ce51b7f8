"""Melting: tokens become coin on somebody's account again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Journal
from wetube.tokens import inputs, outputs, quotes
from wetube.tokens.inputs import Token
from wetube.tokens.models import BlindSignature, Quote
from wetube.tokens.outputs import Output
from wetube.tokens.refusals import AlreadyPaid, QuoteExpired, Unbalanced, UnknownPayee


@dataclass(frozen=True)
class Melted:
    """The quote as it is now, and signatures over what was given too much."""

    quote: Quote
    change: list[BlindSignature]


def ask(amount: int, *, to: str) -> Quote:
    """A quote to turn tokens into coin on the account with this key.

    Raises OutOfRange, UnknownPayee.
    """
    quotes.check_range(amount)
    known = Account.objects.filter(key=to, kind=Account.Kind.PERSON) if to.isalnum() else None
    account = known.first() if known else None
    if account is None:
        raise UnknownPayee
    return Quote.objects.create(
        kind=Quote.Kind.MELT,
        state=Quote.State.UNPAID,
        amount=amount,
        account=account,
        expires_at=timezone.now() + timedelta(minutes=quotes.MINUTES),
    )


def melt(quote: Quote, given: Sequence[Token], blank: Sequence[Output]) -> Melted:
    """Spend tokens and credit the quote's account; what is too much is signed over `blank`.

    The same again gives the same answer. Raises BadProof, AlreadySpent, AlreadyPaid, Unbalanced,
    QuoteExpired and what signing raises: then nothing has moved.
    """
    over = inputs.total(given) - quote.amount
    if over < 0:
        raise Unbalanced(given=inputs.total(given), wanted=quote.amount)
    wanted = outputs.filled(blank, over) if over else []
    if quote.state == Quote.State.PAID:
        return _again(quote, given, wanted)
    inputs.verify(given)
    return _credit(quote, given, outputs.sign(wanted))


@transaction.atomic
def _credit(quote: Quote, given: Sequence[Token], change: list[BlindSignature]) -> Melted:
    quote = quotes.locked(quote)
    if quote.is_over:
        raise QuoteExpired
    if quote.state != Quote.State.UNPAID or quote.account is None:
        raise AlreadyPaid
    inputs.spend(given)
    outputs.keep(change)
    ledger.post(
        reference=f"tokens:{quote.key}",
        kind=Journal.Kind.TOKENS,
        entries=[(ledger.house(Account.Kind.TOKENS), -quote.amount), (quote.account, quote.amount)],
    )
    quote.move_to(Quote.State.PAID)
    return Melted(quote, change)


def _again(quote: Quote, given: Sequence[Token], wanted: Sequence[Output]) -> Melted:
    before = outputs.signed_before(wanted)
    if len(before) < len(wanted) or not inputs.are_spent(given):
        raise AlreadyPaid
    return Melted(quote, before)

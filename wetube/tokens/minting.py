"""Minting: a paid quote becomes blind signatures, once; a lost answer is given again."""

from collections.abc import Sequence

from django.db import transaction

from wetube.tokens import outputs, quotes
from wetube.tokens.models import BlindSignature, Quote
from wetube.tokens.outputs import Output
from wetube.tokens.refusals import AlreadyIssued, NotPaid, Unbalanced

MOST_RESTORED = 500


def sign(quote: Quote, wanted: Sequence[Output]) -> list[BlindSignature]:
    """Signatures over outputs worth the quote's amount; the same outputs again, the same answer.

    Raises NotPaid, AlreadyIssued, AlreadySigned, Unbalanced, UnknownKeyset, InactiveKeyset.
    """
    if outputs.total(wanted) != quote.amount:
        raise Unbalanced(given=quote.amount, wanted=outputs.total(wanted))
    if quote.state == Quote.State.UNPAID:
        raise NotPaid
    if quote.state == Quote.State.ISSUED:
        return _again(wanted)
    return _issue(quote, wanted, outputs.sign(wanted))


def restore(asked: Sequence[Output]) -> list[BlindSignature]:
    """Those of the outputs that were ever signed (NUT-09); amounts are not looked at."""
    rows = BlindSignature.objects.select_related("keyset")
    found = rows.in_bulk([output.b_ for output in asked])
    return [found[output.b_] for output in asked if output.b_ in found]


@transaction.atomic
def _issue(
    quote: Quote, wanted: Sequence[Output], signed: list[BlindSignature]
) -> list[BlindSignature]:
    quote = quotes.locked(quote)
    if quote.state == Quote.State.ISSUED:
        return _again(wanted)
    outputs.keep(signed)
    quote.move_to(Quote.State.ISSUED)
    return signed


def _again(wanted: Sequence[Output]) -> list[BlindSignature]:
    before = outputs.signed_before(wanted)
    if len(before) < len(wanted):
        raise AlreadyIssued
    return before

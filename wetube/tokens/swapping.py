"""Swapping: tokens for other tokens worth the same, which nobody can link to them."""

from collections.abc import Sequence

from django.db import transaction

from wetube.tokens import inputs, outputs
from wetube.tokens.inputs import Token
from wetube.tokens.models import BlindSignature
from wetube.tokens.outputs import Output
from wetube.tokens.refusals import AlreadySigned, AlreadySpent, Unbalanced


def swap(given: Sequence[Token], wanted: Sequence[Output]) -> list[BlindSignature]:
    """Spend these tokens and sign those outputs, both or neither.

    The same again gives the same answer: it holds nothing that `minting.restore` would not say.
    Raises BadProof, AlreadySpent, AlreadySigned, Unbalanced, UnknownKeyset, InactiveKeyset.
    """
    if inputs.total(given) != outputs.total(wanted):
        raise Unbalanced(given=inputs.total(given), wanted=outputs.total(wanted))
    try:
        return _swapped_before(given, wanted) or _swap(given, wanted)
    except (AlreadySpent, AlreadySigned):
        before = _swapped_before(given, wanted)  # by the same request, a moment ago
        if before:
            return before
        raise


def _swap(given: Sequence[Token], wanted: Sequence[Output]) -> list[BlindSignature]:
    inputs.verify(given)
    signed = outputs.sign(wanted)
    with transaction.atomic():
        inputs.spend(given)
        outputs.keep(signed)
    return signed


def _swapped_before(given: Sequence[Token], wanted: Sequence[Output]) -> list[BlindSignature]:
    """The answer of the first asking; nothing if this is the first."""
    before = outputs.signed_before(wanted)
    return before if len(before) == len(wanted) and inputs.are_spent(given) else []

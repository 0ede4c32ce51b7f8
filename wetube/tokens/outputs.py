"""Outputs: blinded messages the mint is asked to sign, each signed once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from wetube.tokens import curve, denominations, keysets
from wetube.tokens.models import BlindSignature
from wetube.tokens.refusals import (
    AlreadySigned,
    DoubledOutput,
    InactiveKeyset,
    Malformed,
    TooManyOutputs,
    Unbalanced,
)

MOST = 200


@dataclass(frozen=True)
class Output:
    """A blinded message that is to become worth `amount` drops; 0 leaves that to the mint."""

    amount: int
    keyset: str
    b_: str


def read(said: object, *, most: int = MOST) -> list[Output]:
    """Outputs from JSON's lists and objects. Raises Malformed, DoubledOutput, TooManyOutputs."""
    if not isinstance(said, list):
        raise Malformed(_("“outputs” must be a list of blinded messages."))
    if len(said) > most:
        raise TooManyOutputs(most)
    outputs = [_output(each) for each in said]
    if len({output.b_ for output in outputs}) < len(outputs):
        raise DoubledOutput
    return outputs


def total(outputs: Iterable[Output]) -> int:
    """Drops."""
    return sum(output.amount for output in outputs)


def filled(blank: Sequence[Output], amount: int) -> list[Output]:
    """As many of these as it takes, worth `amount` together; the rest stays unsigned (NUT-08).

    Outputs that name amounts must name just these. Raises Unbalanced.
    """
    if total(blank):
        parts = list(blank)
    else:
        sizes = denominations.split(amount)
        pairs = zip(blank, sizes, strict=False)
        parts = [replace(output, amount=size) for output, size in pairs]
    if total(parts) != amount:
        raise Unbalanced(given=amount, wanted=total(parts))
    return parts


def sign(outputs: Sequence[Output]) -> list[BlindSignature]:
    """The signatures, not kept yet. Raises UnknownKeyset, InactiveKeyset, Malformed."""
    known = {key: keysets.found(key) for key in {output.keyset for output in outputs}}
    if not all(keyset.active for keyset in known.values()):
        raise InactiveKeyset
    signed = []
    for output in outputs:
        keyset = known[output.keyset]
        key = keysets.private_key(keyset, output.amount)
        if key is None:
            raise Malformed(_("There is no key for this amount; see the keyset’s keys."))
        made = curve.sign(key, curve.point(output.b_))
        row = BlindSignature(
            blinded=output.b_,
            signature=made.c_,
            e=made.e,
            s=made.s,
            amount=output.amount,
            keyset=keyset,
        )
        signed.append(row)
    return signed


def keep(signed: Sequence[BlindSignature]) -> None:
    """Write them down, in the caller's transaction. Raises AlreadySigned: then none is."""
    try:
        with transaction.atomic():
            BlindSignature.objects.bulk_create(sorted(signed, key=lambda row: row.blinded))
    except IntegrityError as error:
        raise AlreadySigned from error


def signed_before(outputs: Sequence[Output]) -> list[BlindSignature]:
    """The signatures of those that were signed, for these amounts where they name one."""
    rows = BlindSignature.objects.select_related("keyset")
    found = rows.in_bulk([output.b_ for output in outputs])
    return [
        found[output.b_]
        for output in outputs
        if output.b_ in found and output.amount in {0, found[output.b_].amount}
    ]


def _output(said: object) -> Output:
    if not isinstance(said, dict):
        raise Malformed(_("An output is an object with amount, id and B_."))
    amount, keyset, b_ = said.get("amount", 0), said.get("id"), said.get("B_")
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 0:
        raise Malformed(_("An amount is a whole number of drops."))
    if not isinstance(keyset, str):
        raise Malformed(_("An output is an object with amount, id and B_."))
    try:
        return Output(amount=amount, keyset=keyset, b_=curve.written(curve.point(b_)))
    except curve.NotAPoint as error:
        raise Malformed(str(error)) from error

"""Inputs: tokens that come back, each read, verified and spent once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from wetube.tokens import curve, keysets
from wetube.tokens.models import Keyset, SpentToken
from wetube.tokens.refusals import (
    AlreadySpent,
    BadProof,
    DoubledInput,
    Malformed,
    TooManyInputs,
)

MOST = 200
LONGEST_SECRET = 1024


@dataclass(frozen=True)
class Token:
    """A secret and the mint's signature over it (a "proof" in the NUTs), worth `amount` drops."""

    amount: int
    keyset: str
    secret: str = field(repr=False)
    c: str = field(repr=False)
    y: str


def read(said: object) -> list[Token]:
    """Tokens from JSON's lists and objects. Raises Malformed, DoubledInput, TooManyInputs."""
    if not isinstance(said, list) or not said:
        raise Malformed(_("“inputs” must be a list of tokens."))
    if len(said) > MOST:
        raise TooManyInputs(MOST)
    tokens = [_token(each) for each in said]
    if len({token.y for token in tokens}) < len(tokens):
        raise DoubledInput
    return tokens


def verify(tokens: Iterable[Token]) -> None:
    """See that this mint signed each. Raises UnknownKeyset, BadProof."""
    known: dict[str, Keyset] = {}
    for token in tokens:
        if token.keyset not in known:
            known[token.keyset] = keysets.found(token.keyset)
        key = keysets.private_key(known[token.keyset], token.amount)
        if key is None or not _is_good(key, token):
            raise BadProof


def total(tokens: Iterable[Token]) -> int:
    """Drops."""
    return sum(token.amount for token in tokens)


def spend(tokens: Sequence[Token]) -> None:
    """Note each as spent, in the caller's transaction. Raises AlreadySpent: then none is."""
    rows = {key: keysets.found(key) for key in {token.keyset for token in tokens}}
    # In one order everywhere, so that two spenders never wait for each other in a circle.
    spent = [
        SpentToken(y=token.y, amount=token.amount, keyset=rows[token.keyset])
        for token in sorted(tokens, key=lambda token: token.y)
    ]
    try:
        with transaction.atomic():
            SpentToken.objects.bulk_create(spent)
    except IntegrityError as error:
        raise AlreadySpent from error


def are_spent(tokens: Sequence[Token]) -> bool:
    """Whether every one of them was spent."""
    return SpentToken.objects.filter(y__in=[token.y for token in tokens]).count() == len(tokens)


def _token(said: object) -> Token:
    if not isinstance(said, dict):
        raise Malformed(_("A token is an object with amount, id, secret and C."))
    amount, keyset, secret, c = (said.get(name) for name in ("amount", "id", "secret", "C"))
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise Malformed(_("An amount is a whole number of drops."))
    if not isinstance(keyset, str) or not isinstance(secret, str) or not isinstance(c, str):
        raise Malformed(_("A token is an object with amount, id, secret and C."))
    if not 0 < len(secret) <= LONGEST_SECRET:
        raise Malformed(_("A secret has 1 to 1024 letters."))
    try:
        return Token(amount=amount, keyset=keyset, secret=secret, c=c, y=curve.y_of(secret))
    except curve.NotAPoint as error:
        raise Malformed(str(error)) from error


def _is_good(key: bytes, token: Token) -> bool:
    try:
        return curve.is_good(key, token.y, token.c)
    except curve.NotAPoint as error:
        raise Malformed(str(error)) from error

"""Keysets: this month's keys sign, all keys there ever were redeem, and all are published."""

import hmac
import re
from functools import lru_cache
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from wetube.cloudcoin.guarded import rewritten
from wetube.tokens import curve, seeds
from wetube.tokens.denominations import DENOMINATIONS, UNIT
from wetube.tokens.models import Keyset
from wetube.tokens.refusals import UnknownKeyset

VERSION = "01"
# Whole, or the first eight bytes of it: how wallets shorten an id inside a token.
_IDS = re.compile(r"[0-9a-f]{66}|[0-9a-f]{16}", re.ASCII)


class SeedChanged(Exception):
    """The seed in the data folder is not the one this keyset was made of."""


def current() -> Keyset:
    """The keyset that signs now; made if there was none."""
    return Keyset.objects.filter(active=True).first() or rotate()


def rotate_monthly() -> Keyset:
    """A new keyset if the one that signs is of an earlier month (UTC)."""
    signs = current()
    now = timezone.now()
    if (signs.since.year, signs.since.month) == (now.year, now.month):
        return signs
    return rotate()


def rotate() -> Keyset:
    """Let new keys sign from now on; the old ones still redeem."""
    number = (Keyset.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    private = _private(number, seeds.seed())
    keys = {str(size): curve.key_of(k) for size, k in private.items()}
    try:
        with transaction.atomic():
            rewritten(Keyset.objects.filter(active=True, number__lt=number), active=False)
            return Keyset.objects.create(key=id_of(keys), number=number, keys=keys)
    except IntegrityError:  # another hand made this number a moment ago
        return Keyset.objects.get(number=number)


def found(key: str) -> Keyset:
    """The keyset of this id, whole or as wallets shorten it. Raises UnknownKeyset."""
    if not _IDS.fullmatch(key):
        raise UnknownKeyset
    rows = Keyset.objects.filter(key__startswith=key)
    match list(rows[:2]):
        case [keyset]:
            return keyset
    raise UnknownKeyset


def private_key(keyset: Keyset, amount: int) -> bytes | None:
    """The key that signs this amount; None if there is none for it. Raises SeedChanged."""
    key = _private(keyset.number, seeds.seed()).get(amount)
    if key and _public(key) != keyset.keys[str(amount)]:
        raise SeedChanged(f"{keyset} was made of another seed; put back mint.json of the keys.")
    return key


def id_of(keys: dict[str, str]) -> str:
    """NUT-02, version 01: 01 and SHA-256 of "amount:key,…|unit:cld", the amounts ascending."""
    pairs = sorted((int(amount), key) for amount, key in keys.items())
    text = ",".join(f"{amount}:{key}" for amount, key in pairs) + f"|unit:{UNIT}"
    return VERSION + sha256(text.encode()).hexdigest()


@lru_cache(maxsize=64)
def _private(number: int, seed: bytes) -> dict[int, bytes]:
    return {amount: _derived(seed, number, amount) for amount in DENOMINATIONS}


_public = lru_cache(maxsize=4096)(curve.key_of)


def _derived(seed: bytes, number: int, amount: int) -> bytes:
    """HMAC-SHA256(seed, "wetube/mint/<unit>/<number>/<amount>/<try>"), the first that is a key."""
    for attempt in range(256):
        said = f"wetube/mint/{UNIT}/{number}/{amount}/{attempt}"
        key = curve.scalar(hmac.digest(seed, said.encode(), sha256))
        if key:
            return key
    raise AssertionError("No seed is known for which this happens.")

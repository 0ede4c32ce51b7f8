"""Drops as people say them: coins with up to eight decimals, exact both ways."""

import re
from decimal import Decimal

from django.utils.formats import get_format, number_format, sanitize_separators
from django.utils.translation import gettext as _

DECIMALS = 8
DROPS_PER_COIN = 10**DECIMALS
MAX_COINS = 21_000_000
_COINS = re.compile(r"(?P<whole>\d{0,8})(?:\.(?P<part>\d{0,12}))?", re.ASCII)


class NotCoins(ValueError):
    """The text is no amount of coins."""


def coins(drops: int) -> str:
    """5 000 000 → "0.05 CLD" in the reader's separators; two decimals or more, never rounded."""
    return f"{number(drops)} CLD"


def number(drops: int) -> str:
    """The same without the coin's name."""
    amount = Decimal(drops).scaleb(-DECIMALS)
    digits = f"{abs(drops) % 10**DECIMALS:08}".rstrip("0")
    return str(number_format(amount, max(2, len(digits)), use_l10n=True, force_grouping=True))


def plain(drops: int) -> str:
    """For a form field and a spreadsheet: no grouping, a point, at least two decimals."""
    sign = "-" if drops < 0 else ""
    whole, part = divmod(abs(drops), 10**DECIMALS)
    return f"{sign}{whole}.{f'{part:08}'.rstrip('0'):0<2}"


def localised(drops: int) -> str:
    """`plain` with the reader's decimal separator, as a form field shows it."""
    return plain(drops).replace(".", str(get_format("DECIMAL_SEPARATOR")))


def parse(text: str) -> int:
    """Coins as typed, with the reader's decimal separator or a point, to drops. Raises NotCoins."""
    cleaned = str(sanitize_separators(text.strip()))
    found = _COINS.fullmatch(cleaned)
    if found is None or not re.search(r"\d", cleaned):
        raise NotCoins(_("Write an amount like 0.05."))
    part = (found["part"] or "").rstrip("0")
    if len(part) > DECIMALS:
        raise NotCoins(_("A coin has eight decimals, no more."))
    drops: int = int(found["whole"] or 0) * 10**DECIMALS + int(f"{part:0<8}")
    if drops > MAX_COINS * 10**DECIMALS:
        raise NotCoins(_("There are only 21 million coins."))
    return drops

"""Random public ids: what a row is called in a URL."""

import secrets
import struct
from collections.abc import Iterator
from datetime import datetime

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH = 11
TIME_LENGTH = 5  # of a timed key; its letters begin anew after four and a half years
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def new_key() -> str:
    """Eleven letters and digits without look-alikes, about 64 bits of chance."""
    return _random(LENGTH)


def timed_keys(time_letters: str, count: int) -> Iterator[str]:
    """As long, with 35 bits of chance: for rows that come in crowds and guard themselves.

    Keys of one moment begin alike, so an index takes them side by side. The chance for all is
    drawn at once: every draw lets other threads run, and waits for them.
    """
    drawn = secrets.token_bytes(8 * count)
    for (number,) in struct.iter_unpack("Q", drawn):
        rest, last = divmod(number, len(_PAIRS))
        first, middle = divmod(rest, len(_PAIRS))
        yield f"{time_letters}{_PAIRS[first % len(_PAIRS)]}{_PAIRS[middle]}{_PAIRS[last]}"


def time_letters(at: datetime) -> str:
    """What timed keys of this quarter of a second begin with; later ones sort after them."""
    return _letters(int(at.timestamp() * 4) % len(ALPHABET) ** TIME_LENGTH, TIME_LENGTH)


def _random(length: int) -> str:
    return _letters(secrets.randbelow(len(ALPHABET) ** length), length)


def _letters(number: int, length: int) -> str:
    letters = [""] * length
    for place in range(length - 1, -1, -1):
        number, letter = divmod(number, len(ALPHABET))
        letters[place] = ALPHABET[letter]
    return "".join(letters)

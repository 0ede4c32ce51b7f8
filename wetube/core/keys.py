"""Random public ids: what a row is called in a URL."""

import secrets
from datetime import datetime

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH = 11
TIME_LENGTH = 5  # of a timed key; its letters begin anew after four and a half years


def new_key() -> str:
    """Eleven letters and digits without look-alikes, about 64 bits of chance."""
    return _random(LENGTH)


def timed_key(time_letters: str) -> str:
    """As long, with 35 bits of chance: for rows that come in crowds and guard themselves.

    Keys of one moment begin alike, so an index takes them side by side.
    """
    return time_letters + _random(LENGTH - TIME_LENGTH)


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

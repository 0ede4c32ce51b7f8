"""Cutting text into search words, the same way for every database."""

import unicodedata
from collections.abc import Iterator
from itertools import pairwise

MOST_WORDS = 12
LONGEST = 40


def words(text: str) -> list[str]:
    """Lower case, without accents; runs of CJK letters become overlapping pairs."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    spaced = "".join(c if c.isalnum() else " " for c in plain)
    return [part[:LONGEST] for word in spaced.split() for part in _parts(word)]


def asked(text: str) -> list[str]:
    """The words of a query; more than a dozen would only slow the answer."""
    return words(text[:500])[:MOST_WORDS]


def _parts(word: str) -> Iterator[str]:
    if len(word) > 1 and any(_is_cjk(c) for c in word):
        yield from (a + b for a, b in pairwise(word))
    else:
        yield word


def _is_cjk(letter: str) -> bool:
    return "\u3040" <= letter <= "\u30ff" or "\u3400" <= letter <= "\u9fff"

"""What a giver writes along with a tip: a line of plain text."""

import unicodedata

from wetube.giving.models.tips import LONGEST_NOTE

# Joiners that scripts and composed emoji are written with; other invisible signs are dropped.
JOINERS = {"\u200c", "\u200d"}
MARKS_IN_A_ROW = 3


def cleaned(text: str) -> str:
    """One line without control signs, direction overrides or towers of accents, cut to fit."""
    kept: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", text):
        category = unicodedata.category(letter)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if letter.isspace():
            kept.append(" ")
        elif marks <= MARKS_IN_A_ROW and (category[0] != "C" or letter in JOINERS):
            kept.append(letter)
    return " ".join("".join(kept).split())[:LONGEST_NOTE].strip()

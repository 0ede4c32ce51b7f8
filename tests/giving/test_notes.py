"""What a giver writes arrives as one line of plain text, whatever they type."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wetube.giving import notes
from wetube.giving.models.tips import LONGEST_NOTE


@settings(max_examples=50)
@given(st.text(max_size=400))
def test_a_note_is_one_short_line_without_hidden_signs(text: str) -> None:
    cleaned = notes.cleaned(text)

    assert len(cleaned) <= LONGEST_NOTE
    assert "\n" not in cleaned
    assert cleaned == cleaned.strip()
    hidden = {letter for letter in cleaned if unicodedata.category(letter)[0] == "C"}
    assert hidden <= notes.JOINERS


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  thank\n\tyou  ", "thank you"),
        ("abc\u202edcba\u202c", "abcdcba"),
        ("a\u0000b\u200bc\ufeff", "abc"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("z" + "\u0301" * 30, "ź\u0301\u0301\u0301"),
        ("👩\u200d🚀 ¡olé! ŝi", "👩\u200d🚀 ¡olé! ŝi"),
    ],
)
def test_what_is_kept_of_a_note(typed: str, kept: str) -> None:
    assert unicodedata.normalize("NFC", notes.cleaned(typed)) == unicodedata.normalize("NFC", kept)

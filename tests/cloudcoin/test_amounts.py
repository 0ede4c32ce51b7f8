"""Drops and coins turn into each other exactly, in every language's way of writing."""

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from wetube.cloudcoin import amounts
from wetube.cloudcoin.forms import CoinsField
from wetube.cloudcoin.templatetags.coins import coins

ALL_DROPS = st.integers(0, 21_000_000 * 10**8)


@pytest.mark.parametrize(
    ("drops", "english", "spanish"),
    [
        (0, "0.00 CLD", "0,00 CLD"),
        (1, "0.00000001 CLD", "0,00000001 CLD"),
        (5_000_000, "0.05 CLD", "0,05 CLD"),
        (-150_000_000, "-1.50 CLD", "-1,50 CLD"),
        (123_456_789_012_345_678, "1,234,567,890.12345678 CLD", "1.234.567.890,12345678 CLD"),
    ],
)
def test_drops_are_said_exactly(drops: int, english: str, spanish: str) -> None:
    assert coins(drops) == english
    with translation.override("es"):
        assert coins(drops).replace("\xa0", ".") == spanish


def test_no_amount_says_nothing() -> None:
    assert coins(None) == ""


@given(ALL_DROPS)
def test_what_a_field_shows_it_reads_back(drops: int) -> None:
    field = CoinsField()
    for language in ("en", "es"):
        with translation.override(language):
            assert field.clean(field.prepare_value(drops)) == drops


@given(ALL_DROPS)
def test_plain_amounts_read_back(drops: int) -> None:
    assert amounts.parse(amounts.plain(drops)) == drops


@pytest.mark.parametrize(
    ("text", "drops"),
    [("1", 10**8), (" .5 ", 5 * 10**7), ("0.10", 10**7), ("3.", 3 * 10**8), ("1.000000000", 10**8)],
)
def test_people_write_as_they_like(text: str, drops: int) -> None:
    assert CoinsField().clean(text) == drops


@pytest.mark.parametrize(
    "text",
    ["-1", "+1", "1e3", "nan", "inf", ".", "1,5", "1.123456789", "21000000.00000001", "٣", "abc"],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(forms.ValidationError):
        CoinsField().clean(text)


def test_nothing_is_nothing_only_where_it_may_be() -> None:
    assert CoinsField(required=False).clean("") == 0
    with pytest.raises(forms.ValidationError):
        CoinsField().clean("")
    with pytest.raises(forms.ValidationError, match=r"At most 2\.00 CLD"):
        CoinsField(most=2 * 10**8).clean("2.01")

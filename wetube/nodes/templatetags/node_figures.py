"""Figures of nodes as people read them."""

from django import template
from django.utils.formats import number_format

register = template.Library()
MILLION = 1_000_000


@register.filter
def millionths(value: int) -> str:
    """750000 → "0.750": a chance, in the reader's separators."""
    return number_format(round(value / MILLION, 3), decimal_pos=3)


@register.filter
def count_of_millionths(value: int) -> str:
    """2500000 → "2.5"."""
    return number_format(round(value / MILLION, 1), decimal_pos=1)

"""`{{ drops|coins }}`: an amount of drops as people read it."""

from django import template

from wetube.cloudcoin import amounts

register = template.Library()


@register.filter
def coins(drops: int | None) -> str:
    """5 000 000 → "0.05 CLD", exact, in the reader's separators; nothing for no amount."""
    return "" if drops is None else amounts.coins(drops)


@register.filter
def coin_number(drops: int | None) -> str:
    """The same without the coin's name, for tables whose head names it."""
    return "" if drops is None else amounts.number(drops)

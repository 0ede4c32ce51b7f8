"""Sizes, durations and counts as people say them."""

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext

register = template.Library()


@register.filter
def clock(seconds: float | None) -> str:
    """61 → 1:01, 3723 → 1:02:03; nothing for an unknown length."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def short_count(count: int) -> str:
    """999 → 999, 1234 → 1.2K, 5 600 000 → 5.6M."""
    for size, letter in ((10**9, gettext("B")), (10**6, gettext("M")), (10**3, gettext("K"))):
        if count >= size:
            shown = count / size
            return number_format(shown, 1 if shown < 10 else 0) + letter
    return number_format(count)


@register.filter
def size(octets: int | None) -> str:
    """Bytes in KB, MB, GB, as the rest of Django says them."""
    return "" if octets is None else str(filesizeformat(octets))

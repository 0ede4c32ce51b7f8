"""`{% player_words %}`: what the player says, as JSON for its script.

Some fifty sentences depend on the language alone, so they are put together once for each.
"""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def player_words() -> SafeString:
    return _made(get_language())


@lru_cache
def _made(language: str | None) -> SafeString:
    return render_to_string("video/player_words.html")

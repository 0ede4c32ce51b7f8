"""`{{ video.failure|said }}`: a sentence kept in a row, in the reader's language."""

from django import template

from wetube.video import sentences

register = template.Library()


@register.filter
def said(stored: str) -> str:
    """Known sentences translated, anything else as it is."""
    return sentences.said(stored)

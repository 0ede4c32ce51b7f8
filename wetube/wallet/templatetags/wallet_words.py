"""`{{ blocks|waiting_for }}`: what something on chain still waits for."""

import json

from django import template

from wetube.wallet import confirming

register = template.Library()


@register.filter
def waiting_for(blocks: int) -> str:
    """2 → "waiting for 2 more blocks"."""
    return confirming.waiting_for(blocks)


@register.filter(name="json")
def as_json(value: object) -> str:
    """As JSON for an attribute; the template escapes it."""
    return json.dumps(value)

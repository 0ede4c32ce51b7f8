"""`{% kept video.cid %}`: a badge that says how well a content is kept, and leads to more."""

from django import template

from wetube.nodes import health
from wetube.nodes.health import Health

register = template.Library()


@register.inclusion_tag("nodes/badge.html")
def kept(root: str, back: str = "") -> dict[str, object]:
    """Nothing where nodes were never asked to keep it. `back` is the page one returns to."""
    return {"health": health.of(root) if root else None, "back": back}


@register.inclusion_tag("nodes/badge.html")
def kept_as(found: Health | None, back: str = "") -> dict[str, object]:
    """The same of a health that a list looked up together with others."""
    return {"health": found, "back": back}

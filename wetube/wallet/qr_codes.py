"""Text as a square that a phone's camera reads."""

import segno
from django.utils.safestring import SafeString, mark_safe


def svg(text: str) -> SafeString:
    """The code as inline SVG: dark on light whatever the page's colours, for cameras want that."""
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(border=2, dark="#000", light="#fff", omitsize=True, svgclass="qr")
    return mark_safe(drawn)  # noqa: S308 - segno draws paths; the text itself is not in them

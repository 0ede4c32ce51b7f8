"""Names of people and handles of channels: which are allowed and how they are written.

Only ASCII, so that no name can look like another: "аlice" with a Cyrillic
letter, invisible characters and right-to-left marks are all refused.
"""

import re
import secrets

from django.utils.translation import gettext as _

SHAPE = re.compile(r"[a-z0-9_-]{3,30}")
# Names that would speak for the house, or look like somebody without one.
RESERVED = frozenset(
    (
        *("about", "admin", "administrator", "api", "help", "info", "me", "mod", "moderator"),
        *("null", "official", "operator", "root", "security", "settings", "staff", "support"),
        *("system", "undefined", "webmaster", "wetube"),
    )
)
NAMELESS = "anonymous"


class NameRefused(Exception):
    """The name cannot be had; the message says why."""


def clean(name: str) -> str:
    """The name as it is kept: in lower case. Raises NameRefused."""
    cleaned = name.strip().lower()
    if not SHAPE.fullmatch(cleaned):
        raise NameRefused(_("Use 3 to 30 letters from a to z, digits, “-” or “_”."))
    if cleaned in RESERVED or cleaned.startswith(NAMELESS):
        raise NameRefused(_("This name is reserved."))
    return cleaned


def random_handle() -> str:
    return f"channel-{secrets.token_hex(4)}"

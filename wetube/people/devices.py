"""What a browser is called in a person's list of sessions: coarse on purpose."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# The first match names it: Edge and Opera also say Chrome, everything says Safari.
BROWSERS = (
    (re.compile(r"Edg(e|A|iOS)?/"), "Edge"),
    (re.compile(r"OPR/|Opera"), "Opera"),
    (re.compile(r"SamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"Firefox/|FxiOS/"), "Firefox"),
    (re.compile(r"Chrome/|CriOS/|Chromium/"), "Chrome"),
    (re.compile(r"Safari/"), "Safari"),
)
SYSTEMS = (
    (re.compile(r"iPhone|iPad|iPod"), "iOS"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"CrOS"), "ChromeOS"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Mac OS X|Macintosh"), "macOS"),
    (re.compile(r"Linux|X11"), "Linux"),
)
ANOTHER = gettext_noop("Another program")


def label(agent: str) -> str:
    """ "Firefox on Linux" from a whole User-Agent; versions and models are not looked at."""
    browser = _first(BROWSERS, agent)
    system = _first(SYSTEMS, agent)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or ANOTHER


def said(label: str) -> str:
    """A label in the reader's language; the one that is kept is English."""
    browser, joined, system = label.partition(" on ")
    if joined:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return _(label)


def _first(known: tuple[tuple[re.Pattern[str], str], ...], agent: str) -> str:
    return next((name for pattern, name in known if pattern.search(agent)), "")

"""What the player is given: where the bytes are, for how long, and what goes with them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from wetube.cloudcoin.models import Charge
from wetube.content import grants
from wetube.video import ordering
from wetube.video.models import Video

CHAPTER = re.compile(r"^\W*(?:(\d{1,2}):)?(\d{1,2}):(\d{2})\W+(\S.*)$")


@dataclass(frozen=True)
class Source:
    """Addresses for one viewer. Names are relative to `prefix`; `expires` 0 means never.

    `orders` is where the page has orders at the nodes that keep a paid film, "" for nowhere.
    """

    prefix: str
    hls: str
    progressive: str
    poster: str
    storyboard: str
    growing: bool
    renew: str
    expires: int
    orders: str = ""


@dataclass(frozen=True)
class Chapter:
    start: int
    title: str


def source(video: Video, *, charge: Charge | None = None, ticket: str = "") -> Source | None:
    """Where this viewer's player finds the film; None while nothing is playable yet.

    With a `ticket` the renewal works without a session.

    Whoever calls has let the viewer through the gate.
    """
    if not video.cid and not video.has_preview:
        return None
    prefix, expires = place(video, charge)
    found = _source(video, prefix, expires, ticket=ticket, growing=not video.cid)
    return replace(found, orders=ordering.address(video, charge, ticket=ticket))


def place(video: Video, charge: Charge | None) -> tuple[str, int]:
    """Where the bytes of a playable film are for this charge, and until when (unix time)."""
    return _place(video, video.cid or video.preview_name, charge)


def chapters(description: str) -> Sequence[Chapter]:
    """Lines of the description that begin with a time: two at least, the first at 0:00."""
    found = []
    for line in description.splitlines():
        if match := CHAPTER.match(line):
            hours, minutes, seconds, title = match.groups()
            start = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
            found.append(Chapter(start, title.strip()[:100]))
    rising = all(a.start < b.start for a, b in pairwise(found))
    return found if len(found) > 1 and found[0].start == 0 and rising else []


def captions(video: Video, prefix: str) -> Sequence[dict[str, str]]:
    return [
        {"src": f"{prefix}/captions/{row.language}.vtt", "lang": row.language, "label": row.label}
        for row in video.captions.all()
    ]


def _place(video: Video, subject: str, charge: Charge | None) -> tuple[str, int]:
    if video.is_open:
        return grants.openly(subject), 0
    key = charge.key if charge else ""
    return grants.to_read(subject, seconds=settings.READ_GRANT_SECONDS, key=key)


def _source(video: Video, prefix: str, expires: int, *, ticket: str, growing: bool) -> Source:
    has = video.files.__contains__
    renew = reverse("video:grant", args=[video.key])
    return Source(
        prefix=prefix,
        hls="master.m3u8",
        progressive="progressive.mp4" if has("progressive.mp4") else "",
        poster=video.poster_url,
        storyboard=f"{prefix}/storyboard.vtt" if has("storyboard.vtt") and not growing else "",
        growing=growing,
        renew=f"{renew}?{urlencode({'ticket': ticket})}" if ticket else renew,
        expires=expires,
    )

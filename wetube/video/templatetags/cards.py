"""`{% card video %}`: a film as home, search and channels show it.

A page shows two dozen cards and half of its time goes into them, so a card is made once
for what stands on it. It cannot grow stale: the template sees those facts and nothing else.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Self

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from wetube.video.models import Video

MOST = 4096  # cards of about 2 KB

register = template.Library()


@dataclass(frozen=True)
class Card:
    """All that a card says."""

    key: str
    title: str
    poster_url: str
    is_sensitive: bool
    price: int
    duration: float | None
    views: int
    published_at: datetime | None
    channel_key: str
    channel_name: str
    handle: str
    avatar_url: str

    @classmethod
    def of(cls, video: Video) -> Self:
        return cls(
            key=video.key,
            title=video.title,
            poster_url=video.poster_url,
            is_sensitive=video.is_sensitive,
            price=video.price,
            duration=video.duration,
            views=video.views,
            published_at=video.published_at,
            channel_key=video.channel.key,
            channel_name=video.channel.name,
            handle=video.channel.handle,
            avatar_url=video.channel.avatar_url,
        )


@register.simple_tag
def card(video: Video, *, row: bool = False) -> SafeString:
    """The film, with its channel joined; `row` puts the picture beside the text."""
    return _made(Card.of(video), row=row, language=get_language())


@lru_cache(MOST)
def _made(shown: Card, *, row: bool, language: str | None) -> SafeString:
    return render_to_string("ui/video_card.html", {"card": shown, "row": row})

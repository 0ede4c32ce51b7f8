"""Answering a query: words, filters and order."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import overload

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.people.models import User
from wetube.video.models import Video, VideoQuerySet
from wetube.video.search.backends import backend
from wetube.video.search.words import asked

MINUTE = 60


class Sort(models.TextChoices):
    BEST = "", _("Best match")
    NEWEST = "newest", _("Newest")
    VIEWS = "views", _("Most watched")
    LONGEST = "longest", _("Longest")


ORDERS = {
    Sort.NEWEST: ["-published_at", "-pk"],
    Sort.VIEWS: ["-views", "-pk"],
    Sort.LONGEST: ["-duration", "-pk"],
}


@dataclass(frozen=True)
class Filters:
    """What the visitor narrows down by; "" means anything.

    length: short (< 4 min), middle, long (> 20 min); within: day, week, month, year;
    price: free, paid; category, language, licence: exact values.
    """

    length: str = ""
    within: str = ""
    price: str = ""
    category: str = ""
    language: str = ""
    licence: str = ""


def find(
    text: str,
    *,
    viewer: User | AnonymousUser,
    filters: Filters | None = None,
    sort: Sort = Sort.BEST,
) -> Sequence[Video] | VideoQuerySet:
    """Films that this viewer may find. Without words: everything the filters let through."""
    films = _narrowed(Video.objects.listed_for(viewer), filters or Filters()).select_related(
        "channel"
    )
    wanted = asked(text)
    if not wanted:
        return films.order_by(*ORDERS.get(sort, ORDERS[Sort.NEWEST])) if not text.strip() else []
    scores = dict(backend().match(wanted))
    hits = films.filter(pk__in=scores)
    if sort != Sort.BEST:
        return hits.order_by(*ORDERS[sort])
    rows = hits.values_list("pk", "views", "published_at", "created")
    ranks = {
        pk: _rank(scores[pk], views, published or created) for pk, views, published, created in rows
    }
    return Ranked(hits, sorted(ranks, key=ranks.__getitem__, reverse=True))


class Ranked(Sequence[Video]):
    """Films in the order of their keys; each is read only when its page is shown."""

    def __init__(self, films: VideoQuerySet, pks: Sequence[int]) -> None:
        self._films = films
        self._pks = pks

    def __len__(self) -> int:
        return len(self._pks)

    def __iter__(self) -> Iterator[Video]:
        return iter(self[:])

    @overload
    def __getitem__(self, place: int) -> Video: ...
    @overload
    def __getitem__(self, place: slice) -> list[Video]: ...
    def __getitem__(self, place: int | slice) -> Video | list[Video]:
        if isinstance(place, int):
            return self._films.get(pk=self._pks[place])
        pks = self._pks[place]
        found = self._films.in_bulk(pks)
        return [found[pk] for pk in pks if pk in found]


def _narrowed(films: VideoQuerySet, by: Filters) -> VideoQuerySet:
    exact = {"category": by.category, "language": by.language, "licence": by.licence}
    films = films.filter(**{name: value for name, value in exact.items() if value})
    for choice, conditions in (
        (by.length, _lengths()),
        (by.within, _ages()),
        (by.price, {"free": {"price": 0}, "paid": {"price__gt": 0}}),
    ):
        films = films.filter(**conditions.get(choice, {}))
    return films


def _lengths() -> dict[str, dict[str, object]]:
    return {
        "short": {"duration__lt": 4 * MINUTE},
        "middle": {"duration__gte": 4 * MINUTE, "duration__lte": 20 * MINUTE},
        "long": {"duration__gt": 20 * MINUTE},
    }


def _ages() -> dict[str, dict[str, object]]:
    now = timezone.now()
    days = {"day": 1, "week": 7, "month": 31, "year": 366}
    return {
        name: {"published_at__gte": now - timedelta(days=count)} for name, count in days.items()
    }


def _rank(score: float, views: int, since: datetime) -> float:
    """Text first, then how often it was watched, then how new it is."""
    age = timezone.now() - since
    freshness = 1 / (1 + max(age.days, 0) / 365)
    return score * (1 + math.log10(1 + views) / 4) * (1 + freshness / 4)

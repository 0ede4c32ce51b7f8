"""Looking for pin requests: the filters of the API, read strictly and put to the database."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import StrIndex
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from wetube.people.models import User
from wetube.pinning import wishes
from wetube.pinning.models import PinRequest
from wetube.pinning.refusals import BadRequest

USUAL, MOST = 10, 1000  # records in one answer
MOST_CIDS = 10
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
Rows = QuerySet[PinRequest]


@dataclass(frozen=True, slots=True)
class Question:
    """What a client wants to see; `states` is empty for all of them."""

    states: tuple[str, ...] = ()
    cids: tuple[str, ...] = ()
    name: str = ""
    match: str = "exact"
    before: datetime | None = None
    after: datetime | None = None
    meta: dict[str, str] = field(default_factory=dict)
    limit: int = USUAL


def question(query: QueryDict) -> Question:
    """Raises BadRequest. Without a state, and nothing to know a pin by, only kept ones are meant.

    A pin that is looked for by its name, CID or meta is shown in whatever state it is: clients
    look for what they have only just asked for.
    """
    states = _states(query)
    cids = tuple(wishes.canonical(cid) for cid in _several(query, "cid"))
    if len(cids) > MOST_CIDS:
        raise BadRequest(_("Ask for at most 10 CIDs at once."))
    name, meta = query.get("name", ""), _meta(query.get("meta"))
    if not states and not (cids or name or meta):
        states = (PinRequest.State.PINNED,)
    if len(name) > wishes.MOST_NAME or "\0" in name:
        raise BadRequest(_("name has at most 255 letters."))
    match = query.get("match", "exact")
    if match not in MATCHES:
        raise BadRequest(_("match is exact, iexact, partial or ipartial."))
    return Question(
        states=states,
        cids=cids,
        name=name,
        match=match,
        before=_moment(query, "before"),
        after=_moment(query, "after"),
        meta=meta,
        limit=_limit(query.get("limit")),
    )


def find(owner: User, asked: Question) -> tuple[int, Sequence[PinRequest]]:
    """How many there are, and the newest of them, at most `limit`."""
    rows: Rows = PinRequest.objects.filter(owner=owner)
    if asked.states:
        rows = rows.filter(state__in=asked.states)
    if asked.cids:
        rows = rows.filter(cid__in=asked.cids)
    if asked.name:
        rows = MATCHES[asked.match](rows, asked.name)
    if asked.before:
        rows = rows.filter(created__lt=asked.before)
    if asked.after:
        rows = rows.filter(created__gt=asked.after)
    for key, value in asked.meta.items():
        fenced = f"{wishes.FENCE}{wishes.pair(key, value)}{wishes.FENCE}"
        rows = _holding(rows, "pairs", fenced)
    return rows.count(), list(rows.order_by("-created")[: asked.limit])


def _holding(rows: Rows, column: str, text: str) -> Rows:
    """Rows whose column holds the text, letter for letter; SQLite's LIKE is not so strict."""
    place = StrIndex(F(column), Value(text, output_field=TextField()))
    return rows.alias(place=place).filter(place__gt=0)


MATCHES: dict[str, Callable[[Rows, str], Rows]] = {
    "exact": lambda rows, name: rows.filter(name=name),
    "iexact": lambda rows, name: rows.filter(folded=name.casefold()),
    "partial": lambda rows, name: _holding(rows, "name", name),
    "ipartial": lambda rows, name: _holding(rows, "folded", name.casefold()),
}


def _several(query: QueryDict, name: str) -> list[str]:
    """`?cid=a&cid=b` as the specification writes it, and `?cid=a,b` as its client does."""
    return [part for value in query.getlist(name) for part in value.split(",") if part]


def _states(query: QueryDict) -> tuple[str, ...]:
    states = tuple(dict.fromkeys(_several(query, "status")))
    if not set(states) <= set(PinRequest.State.values):
        raise BadRequest(_("status is queued, pinning, pinned or failed."))
    return states


def _meta(text: str | None) -> dict[str, str]:
    if not text:
        return {}
    try:
        return wishes.meta(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise BadRequest(_("meta is an object of texts.")) from error


def _moment(query: QueryDict, name: str) -> datetime | None:
    text = query.get(name)
    if not text:
        return None
    try:
        moment = parse_datetime(text.upper()) if RFC3339.fullmatch(text) else None
        utc = moment.astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        utc = None
    if utc is None:
        says = _("%(field)s is a time such as 2026-11-23T08:00:00Z.")
        raise BadRequest(says % {"field": name})
    return utc


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not text.isascii() or not text.isdigit() or len(text) > 4 or not 1 <= int(text) <= MOST:
        raise BadRequest(_("limit is a whole number from 1 to 1000."))
    return int(text)

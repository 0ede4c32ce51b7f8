"""Going by lists of others: taking one over, keeping it fresh, what it says of a content.

What counts is the last answer that made sense; a list that vanishes, or turns into something else,
stays in force as it was, and its row says so. What this gateway allows itself wins over any list.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from node_bridge import denylists
from node_bridge.cid import parse
from node_bridge.denylists import Rule
from wetube.content import cids
from wetube.content.cids import BadCid
from wetube.nodes import published_lists
from wetube.nodes.models import Allowance, ForeignList, ForeignRule
from wetube.nodes.published_lists import BadListAddress, Fetched, NotFetched

__all__ = ["BadCid", "BadListAddress", "TooManyLists", "allow", "covering", "refresh", "take_over"]

MOST_LISTS = 20
PATIENCE = timedelta(minutes=5)  # until a fetch that died is tried again
OFTEN = timedelta(hours=1)  # between two fetches
SOON = timedelta(minutes=10)  # until one that failed is
BATCH = 2000  # rows written at a time


class TooManyLists(Exception):
    """One cannot look after any number of lists."""


@dataclass(frozen=True)
class ForeignRefusal:
    """A content is declined because a foreign list says so."""

    source: ForeignList

    @property
    def reason(self) -> str:
        return _("It is on the list %(name)s.") % {"name": self.source.name or self.source.url}

    def get_absolute_url(self) -> str:
        return f"{reverse('nodes:refused')}#list-{self.source.key}"


@transaction.atomic
def take_over(url: str) -> ForeignList:
    """Go by the list at this address from its first fetch on; taking it over again is harmless.

    Raises BadListAddress, TooManyLists.
    """
    published_lists.check(url)
    known = ForeignList.objects.filter(url=url).first()
    if known is None and ForeignList.objects.count() >= MOST_LISTS:
        raise TooManyLists(_("That are too many lists. Stop going by another one first."))
    return known or ForeignList.objects.create(url=url)


@transaction.atomic
def stop(source: ForeignList) -> None:
    """Go by it no more, from now on."""
    ForeignRule.objects.filter(source=source).delete()
    source.delete()


@transaction.atomic
def allow(cid: str, *, reason: str) -> Allowance:
    """Serve a content whatever the lists of others say; raises BadCid."""
    made, _is_new = Allowance.objects.get_or_create(
        cid=cids.canonical(cid), defaults={"reason": reason.strip()[:300]}
    )
    return made


def allow_no_more(allowance: Allowance) -> None:
    """Lists of others count again."""
    allowance.delete()


def due() -> list[int]:
    return list(
        ForeignList.objects.filter(next_try__lte=timezone.now()).values_list("pk", flat=True)
    )


def refresh(list_id: int) -> None:
    """Fetch one whose time has come; may be called at any time, any number of times."""
    now = timezone.now()
    waiting = ForeignList.objects.filter(pk=list_id, next_try__lte=now)
    if not waiting.update(next_try=now + PATIENCE):
        return
    source = ForeignList.objects.get(pk=list_id)
    try:
        fetched = published_lists.fetch(source.url, etag=source.etag, signer=source.signer)
    except NotFetched as error:
        _note(source, next_try=now + SOON, why=str(error)[:200])
        return
    if fetched is not None:
        _take(source, fetched)
    _note(source, next_try=now + OFTEN, why="", fetched=now)


def are_any() -> bool:
    """Whether any list declines anything."""
    return ForeignRule.objects.exists()


def covering(paths: Collection[str]) -> dict[str, ForeignRefusal]:
    """Which of these, each `<cid>` or `<cid>/<path>`, a list declines; two queries for all."""
    asked = {path: _marks(path) for path in paths}
    rules = _rules({mark for marks in asked.values() for mark in marks})
    found = {
        path: _judged(path, [rules[mark] for mark in asked[path] if mark in rules])
        for path in asked
    }
    declined = {path: source for path, source in found.items() if source is not None}
    if not declined:
        return {}
    named = {path: cids.canonical(path.partition("/")[0]) for path in declined}
    allowed = set(
        Allowance.objects.filter(cid__in=set(named.values())).values_list("cid", flat=True)
    )
    return {
        path: ForeignRefusal(source)
        for path, source in declined.items()
        if named[path] not in allowed
    }


def _marks(path: str) -> tuple[bytes, ...]:
    cid, _slash, below = path.partition("/")
    return denylists.marks(parse(cid), below.rstrip("/"))


def _rules(marks: set[bytes]) -> dict[bytes, list[tuple[Rule, ForeignList]]]:
    """What is known under each mark."""
    found: dict[bytes, list[tuple[Rule, ForeignList]]] = defaultdict(list)
    for row in ForeignRule.objects.filter(mark__in=marks).select_related("source"):
        found[bytes(row.mark)].append((_rule(row), row.source))
    return found


def _judged(path: str, rules: list[list[tuple[Rule, ForeignList]]]) -> ForeignList | None:
    """The first list that declines it and has no exception for it."""
    below = path.partition("/")[2]
    about = [(rule, source) for each in rules for rule, source in each if rule.covers(below)]
    excepted = {source.pk for rule, source in about if rule.lets_through}
    sources = [source for _, source in about if source.pk not in excepted]
    return min(sources, key=lambda source: source.pk, default=None)


def _take(source: ForeignList, fetched: Fetched) -> None:
    """Make the rules those that were fetched, in batches; breaking off is mended by the next."""
    new = set(fetched.found.rules)
    gone = []
    for row in ForeignRule.objects.filter(source=source).iterator(BATCH):
        rule = _rule(row)
        if rule in new:
            new.discard(rule)
        else:
            gone.append(row.pk)
    made = (ForeignRule(source=source, **_columns(rule)) for rule in new)
    while batch := list(islice(made, BATCH)):
        ForeignRule.objects.bulk_create(batch)
    for some in _batches(gone):
        ForeignRule.objects.filter(pk__in=some).delete()
    _note(
        source,
        name=fetched.found.name,
        signer=fetched.signer,
        etag=fetched.etag,
        entries=len(fetched.found.rules),
        left_out=fetched.found.left_out,
    )


def _rule(row: ForeignRule) -> Rule:
    return Rule(bytes(row.mark), row.below, row.lets_through)


def _columns(rule: Rule) -> dict[str, object]:
    return {"mark": rule.mark, "below": rule.below, "lets_through": rule.lets_through}


def _batches(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def _note(source: ForeignList, **said: object) -> None:
    ForeignList.objects.filter(pk=source.pk).update(**said)

"""What a creator earned, from the moment of the charge on: rolled up or not, refunds taken out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce

from wetube.cloudcoin import limits
from wetube.cloudcoin.models import Charge, ChargeQuerySet
from wetube.people.models import User


@dataclass(frozen=True)
class Income:
    """Drops; days and months begin at midnight UTC. `settling` is the part not rolled up yet."""

    today: int
    month: int
    total: int
    settling: int
    views: int


@dataclass(frozen=True)
class SubjectIncome:
    """What one subject earned; `label` is its newest name."""

    subject: str
    label: str
    today: int
    month: int
    total: int
    views: int


def of(user: User) -> Income:
    """The person's income in one query."""
    day, month = _beginnings()
    sums = _earned(user).aggregate(
        today=_sum(Q(at__gte=day)),
        month=_sum(Q(at__gte=month)),
        total=_sum(Q()),
        settling=_sum(Q(rollup=None)),
        views=Count("pk"),
    )
    return Income(**{name: int(value) for name, value in sums.items()})


def by_subject(user: User, subjects: Iterable[str]) -> dict[str, int]:
    """What each of these subjects earned in all; one that earned nothing is not in it."""
    sums = _earned(user).filter(subject__in=list(subjects)).values_list("subject")
    return {subject: int(drops) for subject, drops in sums.annotate(Sum("payee_share"))}


def earners(user: User, *, most: int = 100) -> list[SubjectIncome]:
    """Subject by subject, the best earners first; two queries."""
    day, month = _beginnings()
    rows = list(
        _earned(user)
        .values("subject")
        .annotate(
            today=_sum(Q(at__gte=day)),
            month=_sum(Q(at__gte=month)),
            total=_sum(Q()),
            views=Count("pk"),
            newest=Max("pk"),
        )
        .order_by("-total", "subject")[:most]
    )
    newest = Charge.objects.filter(pk__in=[row["newest"] for row in rows])
    labels = dict(newest.values_list("subject", "label"))
    return [
        SubjectIncome(
            subject=row["subject"],
            label=labels[row["subject"]] or row["subject"],
            today=int(row["today"]),
            month=int(row["month"]),
            total=int(row["total"]),
            views=row["views"],
        )
        for row in rows
    ]


def _earned(user: User) -> ChargeQuerySet:
    return Charge.objects.standing().filter(payee__owner=user)


def _beginnings() -> tuple[datetime, datetime]:
    day = datetime.combine(limits.today(), time.min, UTC)
    return day, day.replace(day=1)


def _sum(condition: Q) -> Coalesce:
    return Coalesce(Sum("payee_share", filter=condition or None), 0)

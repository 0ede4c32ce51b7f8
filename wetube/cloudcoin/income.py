"""What a creator earned, from the moment of the charge on: rolled up or not, refunds taken out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from wetube.cloudcoin import limits
from wetube.cloudcoin.models import Charge, ChargeQuerySet, Tab
from wetube.people.models import User

# Where a creator's coin comes from: what was charged, and for views by which kind of tab.
VIEWS = {str(kind): f"view-{kind}" for kind in Tab.Kind}
SOURCES = (*VIEWS.values(), *(str(kind) for kind in Charge.Kind if kind != Charge.Kind.VIEW))


@dataclass(frozen=True)
class Income:
    """Drops; days and months begin at midnight UTC. `settling` is the part not rolled up yet."""

    today: int
    month: int
    last_month: int
    total: int
    settling: int
    views: int

    @property
    def settled(self) -> int:
        return self.total - self.settling


@dataclass(frozen=True)
class SourceIncome:
    """What one of SOURCES brought; `count` is how many charges."""

    source: str
    today: int
    month: int
    total: int
    count: int


@dataclass(frozen=True)
class SubjectIncome:
    """What one subject earned; `label` is its newest name."""

    subject: str
    label: str
    today: int
    month: int
    total: int
    views: int


@dataclass(frozen=True)
class DayIncome:
    """What one day (UTC) brought."""

    day: date
    amount: int


def of(user: User) -> Income:
    """The person's income in one query."""
    day, month, before = _beginnings()
    sums = earned(user).aggregate(
        today=_sum(Q(at__gte=day)),
        month=_sum(Q(at__gte=month)),
        last_month=_sum(Q(at__gte=before, at__lt=month)),
        total=_sum(Q()),
        settling=_sum(Q(rollup=None)),
        views=Count("pk", filter=Q(kind=Charge.Kind.VIEW)),
    )
    return Income(**{name: int(value) for name, value in sums.items()})


def by_source(user: User) -> list[SourceIncome]:
    """Every source that ever brought something, in the order of SOURCES; they sum to the total."""
    day, month, _before = _beginnings()
    rows = earned(user).values_list("kind", "tab__kind").order_by()
    found: dict[str, list[int]] = {}
    for kind, tab, *sums in rows.annotate(
        today=_sum(Q(at__gte=day)), month=_sum(Q(at__gte=month)), total=_sum(Q()), count=Count("pk")
    ):
        source = VIEWS[tab] if kind == Charge.Kind.VIEW else kind
        so_far = found.get(source, [0] * len(sums))
        found[source] = [int(one) + other for one, other in zip(sums, so_far, strict=True)]
    return [SourceIncome(name, *found[name]) for name in SOURCES if name in found]


def by_day(user: User, *, days: int = 30) -> list[DayIncome]:
    """The last days one by one, the oldest first, today the last; days without income are 0."""
    first = limits.today() - timedelta(days=days - 1)
    rows = earned(user).filter(at__gte=datetime.combine(first, time.min, UTC))
    sums = rows.annotate(day=TruncDate("at", tzinfo=UTC)).values_list("day").order_by()
    found = dict(sums.annotate(Sum("payee_share")))
    span = (first + timedelta(days=number) for number in range(days))
    return [DayIncome(day, int(found.get(day, 0))) for day in span]


def by_subject(user: User, subjects: Iterable[str]) -> dict[str, int]:
    """What each of these subjects earned in all; one that earned nothing is not in it."""
    sums = earned(user).filter(subject__in=list(subjects)).values_list("subject")
    return {subject: int(drops) for subject, drops in sums.annotate(Sum("payee_share"))}


def earners(user: User, *, most: int = 100) -> list[SubjectIncome]:
    """What was viewed or bought, subject by subject, the best earners first; two queries."""
    day, month, _before = _beginnings()
    sold = Q(kind__in=(Charge.Kind.VIEW, Charge.Kind.PURCHASE))
    rows = list(
        earned(user)
        .filter(sold)
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


def earned(user: User) -> ChargeQuerySet:
    """The charges a person has a share of, without those given back."""
    return Charge.objects.standing().filter(payee__owner=user)


def source_of(charge: Charge) -> str:
    """The one of SOURCES this charge belongs to; its tab is read."""
    return VIEWS[charge.tab.kind] if charge.kind == Charge.Kind.VIEW else charge.kind


def _beginnings() -> tuple[datetime, datetime, datetime]:
    """Of today, of this month, of the month before it."""
    day = datetime.combine(limits.today(), time.min, UTC)
    month = day.replace(day=1)
    return day, month, (month - timedelta(days=1)).replace(day=1)


def _sum(condition: Q) -> Coalesce:
    return Coalesce(Sum("payee_share", filter=condition or None), 0)

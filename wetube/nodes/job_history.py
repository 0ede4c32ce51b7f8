"""What an operator sees of jobs: those under way, those done, and what they came to."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum

from wetube.nodes.models import Job
from wetube.nodes.models.jobs import JobQuerySet
from wetube.people.models import User

State = Job.State


@dataclass(frozen=True, slots=True)
class Came:
    """What jobs came to. `made` is seconds of output, `earned` and `owed` are drops: owed is the
    part of earned that waits for coin on the nodes' account.
    """

    accepted: int = 0
    refused: int = 0
    lost: int = 0
    made: float = 0.0
    earned: int = 0
    owed: int = 0


def under_way(user: User) -> JobQuerySet:
    """What the person's nodes work on, or what is being judged; the newest first, nodes with it."""
    return _of(user).live().order_by("-taken_at")


def recent(user: User) -> JobQuerySet:
    """What is over, the newest first, with its node; the caller cuts it."""
    return _of(user).exclude(state__in=Job.LIVE).order_by("-state_since")


def came(user: User, *, since: datetime | None = None) -> Came:
    """Sums over the person's jobs, of all time or since they ended then; one query."""
    rows = Job.objects.filter(node__operator__user=user)
    if since is not None:
        rows = rows.filter(state_since__gte=since)
    sums = rows.aggregate(
        accepted=Count("pk", filter=Q(state=State.ACCEPTED)),
        refused=Count("pk", filter=Q(state=State.REFUSED)),
        lost=Count("pk", filter=Q(state=State.LOST)),
        made=Sum("made_seconds", filter=Q(state=State.ACCEPTED)),
        owed=Sum("earned", filter=Q(paid_at=None)),
        earned=Sum("earned"),  # last, for from here on the word means the sum
    )
    return Came(**{name: value or 0 for name, value in sums.items()})


def waiting() -> int:
    """How many jobs are on offer and nobody has taken, for the health page and Prometheus."""
    return Job.objects.filter(state=State.OFFERED).count()


def _of(user: User) -> JobQuerySet:
    return Job.objects.filter(node__operator__user=user).select_related("node")

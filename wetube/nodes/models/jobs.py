"""Work that is given to nodes: one row an offer, with who took it and what became of it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.core.keys import new_key
from wetube.core.states import Stateful, StatefulQuerySet
from wetube.nodes.models.operators import Node, Operator


class JobQuerySet(StatefulQuerySet["Job"]):
    def live(self) -> Self:
        """Still to be done, being done, or not yet judged."""
        return self.filter(state__in=Job.LIVE)

    def with_nodes(self) -> Self:
        """In the hands of a node now."""
        return self.filter(state=Job.State.TAKEN)

    def to_judge(self) -> Self:
        return self.filter(state__in=(Job.State.RETURNED, Job.State.VERIFYING))

    def of(self, operator: Operator) -> Self:
        return self.filter(node__operator=operator)

    def unpaid(self) -> Self:
        """Accepted, and the coin has not been moved; a node that was forgotten is owed nothing."""
        waiting = self.filter(state=Job.State.ACCEPTED, paid_at=None, earned__gt=0)
        return waiting.exclude(node=None)


class Job(Stateful):
    """One piece of work offered to nodes, and what became of it. Done elsewhere, it is another row.

    `subject` names the work; of one subject one job is live. `spec` says what to do to `source` (a
    CID of `source_size` bytes); `needs` what a node must be able to do. A whole result has
    `seconds` of output at each of `rungs` and at most `most_bytes`.

    A node that took it holds a lease until `claimed_until` and has to return it by `due`, which is
    `patience` seconds later. `price` is drops per output second over all rungs, from the node's
    list; `earned` drops for what was accepted, `paid_at` when they were moved. `result` is the
    folder's CID, `is_here` whether the node has brought its blocks, because nobody reaches it.
    """

    class Kind(models.TextChoices):
        TRANSCODE = "transcode", _("Encoding")

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered")
        TAKEN = "taken", _("At work")
        RETURNED = "returned", _("Returned")
        VERIFYING = "verifying", _("Being checked")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        LOST = "lost", _("Lost")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    LIVE = (State.OFFERED, State.TAKEN, State.RETURNED, State.VERIFYING)

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]] = {
        State.OFFERED: {State.TAKEN, State.WITHDRAWN},
        State.TAKEN: {State.RETURNED, State.LOST, State.WITHDRAWN},
        State.RETURNED: {State.VERIFYING, State.LOST, State.WITHDRAWN},
        State.VERIFYING: {
            State.ACCEPTED,
            State.REFUSED,
            State.RETURNED,
            State.LOST,
            State.WITHDRAWN,
        },
        State.ACCEPTED: set(),
        State.REFUSED: set(),
        State.LOST: set(),
        State.WITHDRAWN: set(),
    }

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    state = models.CharField(max_length=12, choices=State, default=State.OFFERED)
    kind = models.CharField(max_length=12, choices=Kind)
    subject = models.CharField(max_length=60)
    needs = models.CharField(max_length=60)
    spec = models.JSONField()
    source = models.CharField(max_length=120)
    source_size = models.BigIntegerField()
    rungs = models.JSONField(default=list)
    seconds = models.FloatField()
    most_bytes = models.BigIntegerField()
    patience = models.PositiveIntegerField()
    created = models.DateTimeField(default=timezone.now)

    node = models.ForeignKey(
        Node, models.SET_NULL, null=True, blank=True, related_name="jobs", db_index=False
    )
    price = models.BigIntegerField(default=0)
    taken_at = models.DateTimeField(null=True, blank=True)
    due = models.DateTimeField(null=True, blank=True)
    renewals = models.PositiveIntegerField(default=0)
    fraction = models.FloatField(default=0)
    returned_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=120, blank=True)
    result_size = models.BigIntegerField(default=0)
    is_wanted = models.BooleanField(default=False)
    is_here = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    judged_at = models.DateTimeField(null=True, blank=True)
    made_seconds = models.FloatField(default=0)
    earned = models.BigIntegerField(default=0)
    paid_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True)

    objects = models.Manager.from_queryset(JobQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(state__in=("offered", "taken", "returned", "verifying")),
                name="job_one_live_a_subject",
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0, earned__gte=0, seconds__gte=0, source_size__gte=0),
                name="job_counts_no_less_than_nothing",
            ),
            models.CheckConstraint(
                condition=Q(earned=0) | Q(state="accepted"), name="job_earns_when_accepted"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "claimed_until"], name="job_due"),
            models.Index(fields=["node", "-created"], name="job_of_node"),
            models.Index(fields=["subject", "-created"], name="job_of_subject"),
            models.Index(
                fields=["judged_at"],
                condition=Q(state="accepted", paid_at=None, earned__gt=0),
                name="job_unpaid",
            ),
        ]

    def __str__(self) -> str:
        return f"job {self.key}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    def is_late(self, now: datetime) -> bool:
        """Past its lease, or past the time by which it was to be returned."""
        leased = self.claimed_until is not None and self.claimed_until > now
        return not leased or (self.due is not None and self.due <= now)

"""Proofs that a node still holds what it promised, and the questions kept to judge them by."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.core.keys import new_key
from wetube.core.states import Stateful, StatefulQuerySet
from wetube.nodes.models.leases import Lease, Placement
from wetube.nodes.models.operators import Node


class Audit(Stateful):
    """One question to a node under a fresh nonce: what is the root over these blocks?

    `blocks` are CIDs, `expected` the right answer where it was kept beforehand, "" where the
    gateway reads the bytes itself. `took` is milliseconds. What is still ASKED long after its
    deadline was dropped by a dying worker and is asked again, `tries` times at most.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Failed")
        LATE = "late", _("Late")
        UNANSWERED = "unanswered", _("Unanswered")

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]] = {
        State.ASKED: {State.PASSED, State.FAILED, State.LATE, State.UNANSWERED},
        State.PASSED: set(),
        State.FAILED: set(),
        State.LATE: set(),
        State.UNANSWERED: set(),
    }

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    state = models.CharField(max_length=12, choices=State, default=State.ASKED)
    lease = models.ForeignKey(Lease, models.CASCADE, related_name="audits")
    node = models.ForeignKey(Node, models.CASCADE, related_name="audits")
    nonce = models.CharField(max_length=64)
    blocks = models.JSONField()
    expected = models.CharField(max_length=64, blank=True)
    asked = models.DateTimeField(default=timezone.now)
    deadline = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    took = models.PositiveIntegerField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True)

    objects = models.Manager.from_queryset(StatefulQuerySet["Audit"])()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["lease"], condition=models.Q(state="asked"), name="audit_one_at_a_time"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "asked"], name="audit_due"),
            models.Index(fields=["node", "-asked"], name="audit_of_node"),
            models.Index(fields=["lease", "-asked"], name="audit_of_lease"),
        ]

    def __str__(self) -> str:
        return f"audit {self.key}"

    @property
    def verdict(self) -> str:
        """passed, failed, late or unanswered; "" while it is not judged."""
        return "" if self.state == self.State.ASKED else self.state


class Question(models.Model):
    """A question whose answer was worked out while the bytes were here; used once, then gone."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="questions")
    index = models.PositiveSmallIntegerField(default=0)
    cid = models.CharField(max_length=120)
    nonce = models.CharField(max_length=64)
    answer = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["placement", "index"], name="question_of_part")]

    def __str__(self) -> str:
        return f"question {self.pk} of {self.placement_id}"

"""What nodes are due for keeping, and what people paid to have a content kept."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from wetube.content.models import Content
from wetube.core.keys import new_key
from wetube.nodes.models.operators import Node


class StorageDay(models.Model):
    """One node's keeping on one day (UTC): what its leases were worth and what its proofs earn.

    `amount` is drops: leases × the share of passed audits; due until `earned` says when.
    `full` is what perfect proofs would have brought. `byte_hours` is what was under lease.
    """

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    node = models.ForeignKey(Node, models.CASCADE, related_name="storage_days")
    day = models.DateField()
    leases = models.PositiveIntegerField()
    byte_hours = models.BigIntegerField()
    passed = models.PositiveIntegerField()
    asked = models.PositiveIntegerField()
    full = models.BigIntegerField()
    amount = models.BigIntegerField()
    earned = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["node", "day"], name="storage_day_once"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte=F("full"), passed__lte=F("asked")),
                name="storage_day_pays_what_was_proved",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["earned", "day"], name="storage_day_due")]

    def __str__(self) -> str:
        return f"{self.day} of node {self.node_id}"


class Keeping(models.Model):
    """Somebody paid to have a content kept until a date. `amount` is drops; anybody may."""

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    content = models.ForeignKey(Content, models.CASCADE, related_name="keepings")
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="keepings"
    )
    amount = models.BigIntegerField()
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    reference = models.CharField(max_length=80, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="keeping_costs_something"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="keeping_lasts"),
        ]

    def __str__(self) -> str:
        return f"keeping {self.key}"

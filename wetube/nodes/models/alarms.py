"""What an operator is told of at once, where to, and whether it arrived."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.core.keys import new_key
from wetube.core.states import Stateful, StatefulQuerySet
from wetube.nodes.models.operators import Node, Operator


class AlarmAddress(models.Model):
    """Where an operator wants alarms sent: a mailbox, once confirmed, or a webhook.

    `secret` signs what goes to a webhook; of a mailbox it is the digest of the code that confirms
    it, "" once it is confirmed.
    """

    class Kind(models.TextChoices):
        MAIL = "mail", _("Mail")
        WEBHOOK = "webhook", _("Webhook")

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    operator = models.ForeignKey(Operator, models.CASCADE, related_name="alarm_addresses")
    kind = models.CharField(max_length=8, choices=Kind)
    to = models.CharField(max_length=500)
    secret = models.CharField(max_length=64, blank=True)
    is_confirmed = models.BooleanField(default=False)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "alarm addresses"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["operator", "kind", "to"], name="alarm_address_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Alarm(models.Model):
    """Something about a node its operator should know. One `reference` raises one alarm."""

    class Kind(models.TextChoices):
        SILENT = "silent", _("The node is silent")
        LOST = "lost", _("The node is lost: what it kept is kept elsewhere now")
        REFUSED = "refused", _("The node was sent away")
        BACK = "back", _("The node is back")
        PROOF = "proof", _("The node failed a proof")
        FULL = "full", _("The node is nearly full")
        TEST = "test", _("This is only a test")

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    operator = models.ForeignKey(Operator, models.CASCADE, related_name="alarms")
    node = models.ForeignKey(Node, models.CASCADE, null=True, related_name="alarms")
    kind = models.CharField(max_length=8, choices=Kind)
    reference = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["operator", "-at"], name="alarm_of_operator")]

    def __str__(self) -> str:
        return f"alarm {self.reference}"


class AlarmSending(Stateful):
    """One alarm on its way to one address; tried again until it arrives or hope is given up."""

    class State(models.TextChoices):
        WAITING = "waiting", _("On its way")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not delivered")

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]] = {
        State.WAITING: {State.SENT, State.FAILED},
        State.SENT: set(),
        State.FAILED: set(),
    }

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    alarm = models.ForeignKey(Alarm, models.CASCADE, related_name="sendings")
    address = models.ForeignKey(AlarmAddress, models.CASCADE, related_name="sendings")
    tries = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=200, blank=True)

    objects = models.Manager.from_queryset(StatefulQuerySet["AlarmSending"])()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["alarm", "address"], name="alarm_once_an_address")
        ]
        indexes: ClassVar = [models.Index(fields=["state", "next_try"], name="alarm_sending_due")]

    def __str__(self) -> str:
        return f"sending {self.key}"

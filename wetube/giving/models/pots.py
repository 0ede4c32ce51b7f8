"""The monthly pot: how much, for which month, and how long its owner watched whom."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.core.keys import new_key
from wetube.core.states import Stateful, StatefulQuerySet
from wetube.people.models import Channel


class Pot(models.Model):
    """What a person gives in a month to those they watched. `amount` is drops.

    `noted_until` is the moment up to which watching has been noted: no second counts twice.
    """

    class State(models.TextChoices):
        ON = "on", _("On")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", _("Stopped")

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="pot")
    amount = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.ON)
    since = models.DateTimeField(default=timezone.now)
    noted_until = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="pot_gives_something")
        ]

    def __str__(self) -> str:
        return f"pot {self.key}"


class PotMonth(Stateful):
    """One month of a pot, begun on its first day (UTC).

    `amount` is what the owner wanted to give in it and `spent` what was given, in drops;
    `seconds` and `channels` are how long was watched and whom, counted when it was spread.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PAUSED = "paused", _("Paused")
        SPREAD = "spread", _("Spread")

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]] = {
        State.OPEN: {State.PAUSED, State.SPREAD},
        State.PAUSED: {State.OPEN},
        State.SPREAD: set(),
    }

    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    pot = models.ForeignKey(Pot, models.CASCADE, related_name="months")
    month = models.DateField()
    amount = models.BigIntegerField()
    spent = models.BigIntegerField(default=0)
    seconds = models.PositiveBigIntegerField(default=0)
    channels = models.PositiveIntegerField(default=0)

    objects = models.Manager.from_queryset(StatefulQuerySet["PotMonth"])()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pot", "month"], name="pot_has_each_month_once"),
            models.CheckConstraint(
                condition=Q(spent__gte=0, spent__lte=F("amount")),
                name="pot_month_gives_at_most_its_amount",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "month"], name="pot_month_due")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} of pot {self.pot_id}"

    @property
    def name(self) -> str:
        """2026-10"""
        return f"{self.month:%Y-%m}"

    @property
    def was_short(self) -> bool:
        """Something was watched, and the balance did not hold all that was wanted."""
        return self.state == self.State.SPREAD and self.seconds > 0 and self.spent < self.amount


class Attention(models.Model):
    """How many seconds a pot's owner watched a channel in an open month; gone once it is spread."""

    month = models.ForeignKey(PotMonth, models.CASCADE, related_name="attention")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="+")
    seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["month", "channel"], name="attention_once_a_month")
        ]

    def __str__(self) -> str:
        return f"{self.seconds} s of channel {self.channel_id}"


class PotViewing(models.Model):
    """How much of one viewing was noted, so that no film counts longer than it is.

    Its random number says nothing of which film; it is forgotten after two days.
    """

    pot = models.ForeignKey(Pot, models.CASCADE, related_name="viewings")
    nonce = models.CharField(max_length=32, unique=True)
    seconds = models.PositiveIntegerField(default=0)
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.seconds} s noted"


class PotExclusion(models.Model):
    """A channel that gets nothing of this pot, however long it is watched."""

    pot = models.ForeignKey(Pot, models.CASCADE, related_name="exclusions")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pot", "channel"], name="excluded_once")
        ]

    def __str__(self) -> str:
        return f"channel {self.channel_id} left out of pot {self.pot_id}"

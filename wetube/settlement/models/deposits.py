"""Coin on its way in: addresses to top up by, what was credited, and what was swept together."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.chain.models import ChainEvent
from wetube.cloudcoin.models import Account


class DepositAddress(models.Model):
    """Where one account is topped up by a transfer; `index` says which key of ours it is.

    `received` are the drops that came in for good, `swept` those of them that we moved on to the
    vault, both as the books have them.
    """

    account = models.OneToOneField(Account, models.PROTECT, related_name="deposit_address")
    index = models.BigIntegerField(unique=True)
    address = models.CharField(max_length=42, unique=True)
    received = models.BigIntegerField(default=0)
    swept = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "deposit addresses"
        indexes: ClassVar = [
            models.Index(
                fields=["id"], condition=Q(received__gt=F("swept")), name="depositaddress_unswept"
            )
        ]

    def __str__(self) -> str:
        return self.address


class Credited(models.Model):
    """How far the books have followed one event of the chain."""

    class Stage(models.TextChoices):
        NEW = "new", _("Not answered yet")
        SEEN = "seen", _("Answered; the chain may still take it back")
        FINAL = "final", _("Answered for good")
        GONE = "gone", _("Taken back by the chain, and by us")

    event = models.OneToOneField(ChainEvent, models.PROTECT, related_name="credited")
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.NEW)
    # Why it could not be answered when we last tried.
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "credited"
        indexes: ClassVar = [
            models.Index(fields=["stage", "event"], name="credited_stage"),
            models.Index(fields=["id"], condition=~Q(error=""), name="credited_in_trouble"),
        ]

    def __str__(self) -> str:
        return f"{self.event} ({self.stage})"


class Sweep(models.Model):
    """One move of a deposit address's coin to the vault, signed by its key, sent by the relayer."""

    address = models.ForeignKey(DepositAddress, models.PROTECT, related_name="sweeps")
    intent = models.CharField(max_length=100, unique=True)
    amount = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    ended = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="sweep_moves_something"),
            models.UniqueConstraint(
                fields=["address"], condition=Q(ended=False), name="one_sweep_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.intent

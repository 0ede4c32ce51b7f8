"""Coin of signed tabs collected from the chain: which channels, how much, and which would not."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from wetube.cloudcoin.models import Escrow


class ClaimRun(models.Model):
    """One transaction that claims of up to a hundred channels; `ended` when the chain decided."""

    intent = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField(default=timezone.now)
    ended = models.BooleanField(default=False)
    failed = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.intent


class ClaimRow(models.Model):
    """What a run claims of one channel: up to `total` drops since the channel began.

    A row without a run is quarantined: the chain refused it in a trial, for `reason`.
    """

    run = models.ForeignKey(ClaimRun, models.PROTECT, null=True, blank=True, related_name="rows")
    escrow = models.ForeignKey(Escrow, models.PROTECT, related_name="claims")
    total = models.BigIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    again_at = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "escrow"], name="one_claim_per_channel_and_run"),
            models.UniqueConstraint(
                fields=["escrow"], condition=Q(run=None), name="one_quarantine_per_channel"
            ),
            models.CheckConstraint(
                condition=Q(run=None, reason__gt="") | Q(run__isnull=False, reason=""),
                name="claim_is_sent_or_says_why_not",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.total} drops of {self.escrow}"


class Settle(models.Model):
    """One transaction that brings claimed coin from the channels' contract into the vault."""

    intent = models.CharField(max_length=100, unique=True)
    at = models.DateTimeField(default=timezone.now)
    ended = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.intent


class IdleRefund(models.Model):
    """One transaction of ours that gives back what a payer left unspent in a channel for long."""

    escrow = models.ForeignKey(Escrow, models.PROTECT, related_name="idle_refunds")
    intent = models.CharField(max_length=100, unique=True)
    amount = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    ended = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="idle_refund_moves_something"),
            models.UniqueConstraint(
                fields=["escrow"], condition=Q(ended=False), name="one_idle_refund_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.intent

"""Coin on its way in: addresses to top up by, what was credited, and what was swept together."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from wetube.cloudcoin.models import Account, Journal


class DepositAddress(models.Model):
    """Where one account is topped up by a transfer; `index` says which key of ours it is."""

    account = models.OneToOneField(Account, models.PROTECT, related_name="deposit_address")
    index = models.BigIntegerField(unique=True)
    address = models.CharField(max_length=42, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "deposit addresses"

    def __str__(self) -> str:
        return self.address


class Credited(models.Model):
    """One event of the chain that the books have answered, and with which journal.

    `event` is the transaction's hash and the log's place in its block; `reversal` is the journal
    that took it back when the chain did; `covered` what the gateway lost by that, in drops.
    A block may come, go and come again: `round` counts how often it has.
    """

    event = models.CharField(max_length=80)
    round = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=40)
    journal = models.OneToOneField(Journal, models.PROTECT, null=True, related_name="chain_event")
    reversal = models.OneToOneField(
        Journal, models.PROTECT, null=True, related_name="chain_event_reversed"
    )
    covered = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "credited"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "round"], name="credited_once"),
            models.CheckConstraint(condition=Q(covered__gte=0), name="cover_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.event}"


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

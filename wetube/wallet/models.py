"""What the wallet remembers besides the books: coin asked to be locked behind a tab."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from wetube.cloudcoin.models import Escrow


class Locking(models.Model):
    """Drops a person signed to be locked behind a tab, and the transaction that is to do it.

    `intent` names it in the outbox; the escrow counts the coin when the chain shows it.
    """

    escrow = models.ForeignKey(Escrow, models.PROTECT, related_name="lockings")
    intent = models.CharField(max_length=200, unique=True)
    amount = models.BigIntegerField()
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="locking_locks_something")
        ]

    def __str__(self) -> str:
        return f"{self.amount} drops for {self.escrow}"

"""New coin: epochs of 600 seconds, whose served bytes share what the schedule gives."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Epoch(models.Model):
    """The epoch `number` on the mint's clock, and the cumulative root posted for it.

    `served` bytes of paid views earned `minted` drops; `total` is the sum of all leaves. Charges
    up to the id `last_charge` are counted. Epochs in which nobody paid have no row; one that
    minted nothing has no root. The opening is where we found the mint when we began.
    """

    number = models.BigIntegerField(unique=True)
    is_opening = models.BooleanField(default=False)
    last_charge = models.BigIntegerField(default=0)
    served = models.BigIntegerField(default=0)
    minted = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    root = models.CharField(max_length=66, blank=True)
    tries = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    posted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(served__gte=0, minted__gte=0, total__gte=F("minted")),
                name="epoch_counts_up_from_nothing",
            ),
            models.UniqueConstraint(
                fields=["is_opening"], condition=Q(is_opening=True), name="one_opening_epoch"
            ),
        ]

    def __str__(self) -> str:
        return f"epoch {self.number}"


class EpochLeaf(models.Model):
    """What a node's address has earned in all, in drops, from this epoch on; only what grew."""

    epoch = models.ForeignKey(Epoch, models.PROTECT, related_name="leaves")
    address = models.CharField(max_length=42)
    cumulative = models.BigIntegerField()
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "epoch leaves"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["epoch", "address"], name="one_leaf_per_epoch"),
            models.UniqueConstraint(fields=["address", "cumulative"], name="earnings_only_grow"),
        ]

    def __str__(self) -> str:
        return f"{self.cumulative} drops for {self.address}"

"""What we saw happen on chain, and what the chain took back."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone


class SeenBlock(models.Model):
    """A block we have read; the newest is where we go on, the others tell where chains parted."""

    number = models.BigIntegerField(unique=True)
    hash = models.CharField(max_length=66)

    def __str__(self) -> str:
        return f"block {self.number}"


class Watched(models.Model):
    """An address or an id of 32 bytes, as 0x and 64 digits: events that name it are kept."""

    topic = models.CharField(max_length=66, unique=True)
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.topic


class ChainEventQuerySet(models.QuerySet["ChainEvent"]):
    def standing(self) -> Self:
        """Not taken back by the chain."""
        return self.filter(canonical=True)

    def settled(self) -> Self:
        """Standing, and buried under enough blocks to count on."""
        return self.filter(canonical=True, final=True)


class ChainEvent(models.Model):
    """One event a contract of ours put down, as read from one block.

    `args` is named as in the contract: addresses with their checksum, bytes as 0x and
    digits, integers as integers. When the chain takes the block back, `canonical` turns
    false; the same event in another block is another row.
    """

    block_number = models.BigIntegerField()
    block_hash = models.CharField(max_length=66)
    log_index = models.PositiveIntegerField()
    tx_hash = models.CharField(max_length=66, db_index=True)
    # The name of the contract's artifact, as in Deployment.address_of.
    contract = models.CharField(max_length=42)
    name = models.CharField(max_length=80)
    args = models.JSONField()
    canonical = models.BooleanField(default=True)
    final = models.BooleanField(default=False)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(ChainEventQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["block_hash", "log_index"], name="each_event_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["contract", "name", "id"], name="chainevent_kind"),
            models.Index(fields=["block_number"], name="chainevent_block"),
        ]

    def __str__(self) -> str:
        return f"{self.contract}.{self.name} in block {self.block_number}"

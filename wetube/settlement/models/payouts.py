"""Coin on its way out: who asked, in which root it went, and what the chain has paid."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.cloudcoin.models import Account
from wetube.core.keys import new_key
from wetube.core.states import Stateful, StatefulQuerySet


class StandingOrder(models.Model):
    """All that is free to spend goes out to `address` whenever it is `threshold` drops or more."""

    account = models.OneToOneField(Account, models.PROTECT, related_name="standing_order")
    address = models.CharField(max_length=42)
    threshold = models.BigIntegerField()
    push = models.BooleanField(default=True)
    ordered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(threshold__gt=0), name="standing_order_has_threshold"
            )
        ]

    def __str__(self) -> str:
        return f"standing order of {self.account}"


class PayoutRoot(models.Model):
    """The cumulative root of one `seq`: with it, everybody in it can be paid all it says.

    `total` is the sum of all leaves in drops; `root` is empty until they are hashed. It is
    posted once the chain has it for good; `tries` counts transactions put for it, so that one
    that failed is followed by another.
    """

    seq = models.BigIntegerField(unique=True)
    root = models.CharField(max_length=66, blank=True)
    total = models.BigIntegerField()
    tries = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    posted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(seq__gt=0, total__gt=0), name="root_pays_something")
        ]

    def __str__(self) -> str:
        return f"payout root {self.seq}"


class PayoutLeaf(models.Model):
    """What `address` has been given in all, in drops, from this root on.

    Only leaves that grew are written: the leaves of a root are, for every address, its newest
    leaf up to that root.
    """

    root = models.ForeignKey(PayoutRoot, models.PROTECT, related_name="leaves")
    address = models.CharField(max_length=42)
    cumulative = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "payout leaves"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["root", "address"], name="one_leaf_per_root"),
            models.UniqueConstraint(fields=["address", "cumulative"], name="leaves_only_grow"),
            models.CheckConstraint(condition=Q(cumulative__gt=0), name="leaf_pays_something"),
        ]

    def __str__(self) -> str:
        return f"{self.cumulative} drops for {self.address}"


class Withdrawal(Stateful):
    """Drops asked out of an account to an address.

    The coin waits on the house account `payouts` from the asking on. `cumulative` is what the
    address's leaf says with this withdrawal in it: paid when the chain has paid that much.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Waiting for the next payout")
        ROOTED = "rooted", _("In a payout, waiting for the chain")
        PAID = "paid", _("Paid on chain")
        CANCELLED = "cancelled", _("Cancelled")

    TRANSITIONS = {
        State.ASKED: {State.ROOTED, State.CANCELLED},
        State.ROOTED: {State.PAID},
        State.PAID: {State.ROOTED},  # the block that paid it was taken back
        State.CANCELLED: set(),
    }

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    reference = models.CharField(max_length=100, unique=True)
    state = models.CharField(max_length=12, choices=State, default=State.ASKED)
    account = models.ForeignKey(Account, models.PROTECT, related_name="withdrawals")
    address = models.CharField(max_length=42)
    amount = models.BigIntegerField()
    push = models.BooleanField(default=True)
    asked_at = models.DateTimeField(default=timezone.now)
    root = models.ForeignKey(
        PayoutRoot, models.PROTECT, null=True, blank=True, related_name="withdrawals"
    )
    cumulative = models.BigIntegerField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_by = models.CharField(max_length=66, blank=True)

    objects = models.Manager.from_queryset(StatefulQuerySet["Withdrawal"])()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="withdrawal_moves_something"),
            models.CheckConstraint(
                condition=Q(state__in=("asked", "cancelled"), root=None, cumulative=None)
                | Q(state__in=("rooted", "paid"), root__isnull=False, cumulative__isnull=False),
                name="withdrawal_is_in_a_root_or_not",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "asked_at"], name="withdrawal_turn"),
            models.Index(fields=["account", "asked_at"], name="withdrawal_history"),
            models.Index(fields=["address", "cumulative"], name="withdrawal_paid_up_to"),
        ]

    def __str__(self) -> str:
        return f"withdrawal {self.key}"


class Push(models.Model):
    """One transaction of ours that claims payouts for others, and up to what for whom."""

    intent = models.CharField(max_length=100, unique=True)
    root = models.ForeignKey(PayoutRoot, models.PROTECT, related_name="pushes")
    addresses = models.JSONField()
    at = models.DateTimeField(default=timezone.now)
    ended = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "pushes"

    def __str__(self) -> str:
        return self.intent

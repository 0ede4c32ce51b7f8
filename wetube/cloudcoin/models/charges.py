"""What was charged, by which rate card, and what became of it."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.cloudcoin.guarded import MoneyQuerySet, MoneyRow
from wetube.cloudcoin.models.books import Account, Journal
from wetube.cloudcoin.models.tabs import Tab
from wetube.core.keys import new_key


class RateCard(MoneyRow):
    """How a charge is split, in millionths; the payee has what the others leave."""

    version = models.PositiveIntegerField(unique=True)
    nodes_ppm = models.PositiveIntegerField()
    gateway_ppm = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(MoneyQuerySet["RateCard"])()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(nodes_ppm__lte=1_000_000 - F("gateway_ppm")),
                name="ratecard_splits_at_most_all",
            )
        ]

    def __str__(self) -> str:
        return f"rate card {self.version}"

    @property
    def payee_ppm(self) -> int:
        return 1_000_000 - self.nodes_ppm - self.gateway_ppm


class Rollup(MoneyRow):
    """Many charges posted as one journal; `first` and `last` are the charges' ids at its ends."""

    first = models.BigIntegerField(unique=True, null=True)
    last = models.BigIntegerField(unique=True, null=True)
    journal = models.OneToOneField(Journal, models.PROTECT, null=True, related_name="rollup")
    at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(MoneyQuerySet["Rollup"])()

    def __str__(self) -> str:
        return f"rollup of charges {self.first} to {self.last}"


class ChargeQuerySet(MoneyQuerySet["Charge"]):
    def unsettled(self) -> Self:
        """Not rolled up yet."""
        return self.filter(rollup=None)

    def standing(self) -> Self:
        """Not refunded."""
        return self.filter(refund=None)


ChargeManager = models.Manager.from_queryset(ChargeQuerySet)


class Charge(MoneyRow):
    """One view or tip paid: appended to the payer's tab, split by the rate card of the day.

    Every index is written with every charge, so there are no more than are asked: tab and payee
    begin others, nobody asks for a rate card's charges, and those of a roll-up are indexed then.
    """

    class Kind(models.TextChoices):
        VIEW = "view", _("View")
        TIP = "tip", _("Tip")
        POT = "pot", _("Monthly pot")
        PURCHASE = "purchase", _("Purchase")
        AD = "ad", _("Advertisement")

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.VIEW)
    reference = models.CharField(max_length=200, unique=True)
    tab = models.ForeignKey(Tab, models.PROTECT, related_name="charges", db_index=False)
    payee = models.ForeignKey(
        Account, models.PROTECT, related_name="charges_received", db_index=False
    )
    amount = models.BigIntegerField()
    cumulative = models.BigIntegerField()
    payee_share = models.BigIntegerField()
    nodes_share = models.BigIntegerField()
    gateway_share = models.BigIntegerField()
    subject = models.CharField(max_length=100)
    label = models.CharField(max_length=120, blank=True)
    ratecard = models.ForeignKey(RateCard, models.PROTECT, related_name="charges", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    rollup = models.ForeignKey(
        Rollup, models.PROTECT, null=True, related_name="charges", db_index=False
    )

    objects = ChargeManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="charge_costs_something"),
            models.CheckConstraint(
                condition=Q(amount=F("payee_share") + F("nodes_share") + F("gateway_share")),
                name="charge_is_split_to_the_drop",
            ),
            models.UniqueConstraint(fields=["tab", "cumulative"], name="tab_counts_each_drop_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["payee", "at"], name="charge_income"),
            models.Index(fields=["id"], condition=Q(rollup=None), name="charge_unsettled"),
            models.Index(fields=["rollup"], condition=~Q(rollup=None), name="charge_settled"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} drops for {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("cloudcoin:receipt", args=[self.key])


class Refund(MoneyRow):
    """A charge given back whole; `covered` is what the gateway paid in a payee's place."""

    charge = models.OneToOneField(Charge, models.PROTECT, related_name="refund")
    journal = models.OneToOneField(Journal, models.PROTECT, related_name="refund")
    reason = models.CharField(max_length=200)
    covered = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(MoneyQuerySet["Refund"])()

    def __str__(self) -> str:
        return f"refund of {self.charge_id}"

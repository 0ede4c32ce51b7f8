"""The rows of the books: accounts, journals and entries, tabs, charges and what became of them."""

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.cloudcoin.guarded import MoneyQuerySet, MoneyRow
from wetube.core.keys import new_key

DROPS_PER_COIN = 10**8
FIRST_HASH = "0" * 64


class AccountQuerySet(MoneyQuerySet["Account"]):
    def locked(self) -> Self:
        """Kept from other hands until the commit, in the one order everybody uses.

        The lock leaves foreign keys alone, so a charge that names a payee never waits for it.
        """
        return self.select_for_update(no_key=True, of=("self",)).order_by("pk")


AccountManager = models.Manager.from_queryset(AccountQuerySet)


class Account(MoneyRow):
    """Holds coin. `held` is charged already and leaves `balance` with the next roll-up."""

    class Kind(models.TextChoices):
        PERSON = "person", _("A person")
        GATEWAY = "gateway", _("This gateway")
        NODES = "nodes", _("The nodes")
        ISSUANCE = "issuance", _("Coin issued")

    MUTABLE = frozenset({"owner"})

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PERSON)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="accounts"
    )
    balance = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField(default=timezone.now)

    objects = AccountManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="issuance") | Q(held__lte=F("balance")), name="no_overdraft"
            ),
            models.CheckConstraint(condition=Q(held__gte=0), name="held_is_not_negative"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(kind="person"), name="one_account_per_person"
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=~Q(kind="person"), name="one_account_per_house_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} account {self.key}"

    @property
    def available(self) -> int:
        """Drops that may be spent now."""
        return self.balance - self.held


class Book(MoneyRow):
    """The one row every journal is posted under: how many there are, and the last one's hash."""

    journals = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default=FIRST_HASH)

    objects = models.Manager.from_queryset(MoneyQuerySet["Book"])()

    def __str__(self) -> str:
        return f"book of {self.journals} journals"


class Journal(MoneyRow):
    """One balanced move of coin, once per reference, chained to the one before it."""

    class Kind(models.TextChoices):
        GRANT = "grant", _("Newcomer’s grant")
        TRANSFER = "transfer", _("Transfer")
        ROLLUP = "rollup", _("Charges settled")
        REFUND = "refund", _("Refund")

    reference = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    prev_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    objects = models.Manager.from_queryset(MoneyQuerySet["Journal"])()

    def __str__(self) -> str:
        return self.reference


class Entry(MoneyRow):
    """One leg of a journal: drops into the account, or out of it when negative."""

    journal = models.ForeignKey(Journal, models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, models.PROTECT, related_name="entries")
    amount = models.BigIntegerField()

    objects = models.Manager.from_queryset(MoneyQuerySet["Entry"])()

    class Meta:
        verbose_name_plural = "entries"
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount=0), name="entry_moves_something")
        ]

    def __str__(self) -> str:
        return f"{self.amount:+} drops"


class TabQuerySet(MoneyQuerySet["Tab"]):
    def locked(self) -> Self:
        return self.select_for_update(no_key=True, of=("self",)).order_by("pk")


TabManager = models.Manager.from_queryset(TabQuerySet)


class Tab(MoneyRow):
    """A payer's running bill: all that was ever charged, and how much may be charged unasked."""

    class Kind(models.TextChoices):
        CUSTODIAL = "custodial", _("Paid from the balance here")

    MUTABLE = frozenset({"per_view_cap", "per_day_cap"})

    account = models.OneToOneField(Account, models.PROTECT, related_name="tab")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.CUSTODIAL)
    charged = models.BigIntegerField(default=0)
    per_view_cap = models.BigIntegerField(default=DROPS_PER_COIN)
    per_day_cap = models.BigIntegerField(default=5 * DROPS_PER_COIN)
    day = models.DateField(null=True, blank=True)
    charged_today = models.BigIntegerField(default=0)

    objects = TabManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    charged__gte=0, charged_today__gte=0, per_view_cap__gte=0, per_day_cap__gte=0
                ),
                name="tab_counts_up_from_nothing",
            )
        ]

    def __str__(self) -> str:
        return f"tab of {self.charged} drops"

    def charged_on(self, day: date) -> int:
        """Drops charged on this day (UTC); what stands here of another day no longer counts."""
        return self.charged_today if self.day == day else 0


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
    """One view paid: appended to the payer's tab, split at once by the rate card of the day."""

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    reference = models.CharField(max_length=200, unique=True)
    tab = models.ForeignKey(Tab, models.PROTECT, related_name="charges")
    payee = models.ForeignKey(Account, models.PROTECT, related_name="charges_received")
    amount = models.BigIntegerField()
    cumulative = models.BigIntegerField()
    payee_share = models.BigIntegerField()
    nodes_share = models.BigIntegerField()
    gateway_share = models.BigIntegerField()
    subject = models.CharField(max_length=100)
    label = models.CharField(max_length=120, blank=True)
    ratecard = models.ForeignKey(RateCard, models.PROTECT, related_name="charges")
    at = models.DateTimeField(default=timezone.now)
    rollup = models.ForeignKey(Rollup, models.PROTECT, null=True, related_name="charges")

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
            models.Index(fields=["tab", "subject", "at"], name="charge_paid"),
            models.Index(fields=["tab", "at"], name="charge_history"),
            models.Index(fields=["payee", "at"], name="charge_income"),
            models.Index(fields=["id"], condition=Q(rollup=None), name="charge_unsettled"),
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

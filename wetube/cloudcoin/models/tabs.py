"""Running bills, and the coin locked on chain behind those that are signed."""

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.cloudcoin.amounts import DROPS_PER_COIN
from wetube.cloudcoin.guarded import MoneyQuerySet, MoneyRow
from wetube.cloudcoin.models.books import Account


class TabQuerySet(MoneyQuerySet["Tab"]):
    def locked(self) -> Self:
        return self.select_for_update(no_key=True, of=("self",)).order_by("pk")


TabManager = models.Manager.from_queryset(TabQuerySet)


class Tab(MoneyRow):
    """A payer's running bill: all that was ever charged, and how much may be charged unasked."""

    class Kind(models.TextChoices):
        CUSTODIAL = "custodial", _("Paid from the balance here")
        SIGNED = "signed", _("Paid by signed vouchers")
        TRANSFER = "transfer", _("Paid by a transfer on chain")
        TOKENS = "tokens", _("Paid with blind tokens")

    MUTABLE = frozenset({"per_view_cap", "per_day_cap"})

    account = models.OneToOneField(Account, models.PROTECT, related_name="tab")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.CUSTODIAL)
    charged = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    per_view_cap = models.BigIntegerField(default=DROPS_PER_COIN)
    per_day_cap = models.BigIntegerField(default=5 * DROPS_PER_COIN)
    day = models.DateField(null=True, blank=True)
    charged_today = models.BigIntegerField(default=0)

    objects = TabManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    charged__gte=F("refunded"),
                    refunded__gte=0,
                    charged_today__gte=0,
                    per_view_cap__gte=0,
                    per_day_cap__gte=0,
                ),
                name="tab_counts_up_from_nothing",
            )
        ]

    def __str__(self) -> str:
        return f"tab of {self.charged} drops"

    def charged_on(self, day: date) -> int:
        """Drops charged on this day (UTC); what stands here of another day no longer counts."""
        return self.charged_today if self.day == day else 0


class Escrow(MoneyRow):
    """The coin locked on chain behind a signed tab, and the highest voucher for it.

    `channel` is the id of the payment channel (keccak-256 of its configuration, EIP-712) and
    `config` the configuration itself, named as in the x402 specification. All amounts are drops.
    `deposited` is what the chain has confirmed, `unconfirmed` what it has shown but may take
    back, `claimed` what was claimed of the channel on chain, `signed` what the newest voucher
    says and `signature` that voucher's 65 canonical bytes.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        FROZEN = "frozen", _("Frozen: its payer takes the coin back, or the chain took it")
        CLOSED = "closed", _("Closed")

    MUTABLE = frozenset({"withdraw_at", "state"})

    tab = models.OneToOneField(Tab, models.PROTECT, related_name="escrow")
    channel = models.CharField(max_length=66, unique=True)
    payer = models.CharField(max_length=42)
    authorizer = models.CharField(max_length=42)
    config = models.JSONField()
    signed = models.BigIntegerField(default=0)
    signature = models.BinaryField(max_length=65, default=bytes)
    deposited = models.BigIntegerField(default=0)
    unconfirmed = models.BigIntegerField(default=0)
    claimed = models.BigIntegerField(default=0)
    withdraw_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(MoneyQuerySet["Escrow"])()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    deposited__gte=0, unconfirmed__gte=0, claimed__gte=0, signed__gte=F("claimed")
                ),
                name="escrow_claims_what_is_signed",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["payer"], name="escrow_payer")]

    def __str__(self) -> str:
        return f"escrow {self.channel}"


class EscrowDeposit(MoneyRow):
    """Coin put into an escrow on chain, from the first sight of it on; `reference` names the log.

    `times` counts how often the chain has shown it, `covered` are the drops of it that were
    spent when the chain took it back, which the gateway paid.
    """

    class State(models.TextChoices):
        SEEN = "seen", _("Seen, and not confirmed yet")
        FINAL = "final", _("Confirmed")
        GONE = "gone", _("Taken back by the chain")

    MUTABLE = frozenset({"state", "times", "covered"})

    escrow = models.ForeignKey(Escrow, models.PROTECT, related_name="deposits")
    reference = models.CharField(max_length=120, unique=True)
    amount = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.GONE)
    times = models.PositiveIntegerField(default=0)
    covered = models.BigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(MoneyQuerySet["EscrowDeposit"])()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, covered__gte=0, covered__lte=F("amount")),
                name="escrow_deposit_is_some_coin",
            )
        ]

    def __str__(self) -> str:
        return self.reference

"""Accounts, and the journals that move coin between them."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.cloudcoin.guarded import MoneyQuerySet, MoneyRow
from wetube.core.keys import new_key

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
        SIGNED = "signed", _("Coin locked on chain behind a signed tab")
        WALLET = "wallet", _("A wallet that paid with a transfer on chain")
        GATEWAY = "gateway", _("This gateway")
        NODES = "nodes", _("The nodes")
        ISSUANCE = "issuance", _("Coin issued")
        VAULT = "vault", _("Coin this gateway holds on chain")
        ESCROWS = "escrows", _("Coin locked on chain for this gateway")
        PAYOUTS = "payouts", _("Coin on its way out")
        TOKENS = "tokens", _("Blind tokens in people’s hands")

    # Their balance is what is held outside these books, with a minus.
    OUTSIDE = ("issuance", "vault", "escrows")
    MUTABLE = frozenset({"owner"})

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PERSON)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="accounts"
    )
    # Who pays from here, on chain: 0x and 40 hexadecimal digits with their checksum.
    address = models.CharField(max_length=42, blank=True)
    balance = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField(default=timezone.now)

    objects = AccountManager()

    class Meta:
        constraints: ClassVar = [
            # The balance first: SQLite builds the list of kinds anew for every row it compares.
            models.CheckConstraint(
                condition=Q(held__lte=F("balance")) | Q(kind__in=("issuance", "vault", "escrows")),
                name="no_overdraft",
            ),
            models.CheckConstraint(condition=Q(held__gte=0), name="held_is_not_negative"),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(kind="person"), name="one_account_per_person"
            ),
            models.UniqueConstraint(
                fields=["address"], condition=Q(kind="wallet"), name="one_account_per_wallet"
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=~Q(kind__in=("person", "signed", "wallet")),
                name="one_account_per_house_kind",
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
        DEPOSIT = "deposit", _("Coin that came in on chain")
        REORG = "reorg", _("Taken back by the chain")
        CLAIM = "claim", _("Locked coin collected")
        WITHDRAWAL = "withdrawal", _("Coin asked out")
        PAYOUT = "payout", _("Coin paid out on chain")
        TOKENS = "tokens", _("Blind tokens bought or turned back")
        EMISSION = "emission", _("New coin")
        EARNING = "earning", _("Work of a node")
        KEEPING = "keeping", _("Paid to keep a content on the nodes")

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

"""The mint's rows: public keys, quotes, what it signed blindly and what came back.

Nothing here says who holds a token, when one was signed, or which signature a spent one had.
"""

import secrets
from collections.abc import Collection, Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.cloudcoin.guarded import MoneyQuerySet, MoneyRow
from wetube.cloudcoin.models import Account, Refund
from wetube.core.states import Stateful, StatefulQuerySet


def new_quote_key() -> str:
    """128 random bits: whoever knows a paid quote's key may take its tokens."""
    return secrets.token_hex(16)


class Keyset(MoneyRow):
    """The public keys of one month, one for each denomination.

    `key` is NUT-02's id, `keys` gives a denomination's point by its decimal digits. The
    private keys are derived from the seed, which is not in the database, by `number`.
    """

    MUTABLE = frozenset({"active"})

    key = models.CharField(max_length=66, unique=True)
    number = models.PositiveIntegerField(unique=True)
    keys = models.JSONField()
    active = models.BooleanField(default=True)
    since = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(MoneyQuerySet["Keyset"])()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["active"], condition=Q(active=True), name="one_keyset_signs"
            )
        ]

    def __str__(self) -> str:
        return f"keyset {self.key}"


class Quote(Stateful):
    """What the mint agreed to: tokens for coin from a balance, or coin for tokens.

    `account` is where a melted quote's coin goes. `refund` is set when the coin was not paid
    anew but given back for a view that was paid with tokens.
    """

    class Kind(models.TextChoices):
        MINT = "mint", _("Coin into tokens")
        MELT = "melt", _("Tokens into coin")

    class State(models.TextChoices):
        UNPAID = "unpaid", _("Waits to be paid")
        PAID = "paid", _("Paid")
        ISSUED = "issued", _("Tokens issued")

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]] = {
        State.UNPAID: {State.PAID},
        State.PAID: {State.ISSUED},
        State.ISSUED: set(),
    }

    key = models.CharField(max_length=32, unique=True, default=new_quote_key, editable=False)
    kind = models.CharField(max_length=4, choices=Kind)
    amount = models.BigIntegerField()
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="quotes")
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, related_name="quote")
    expires_at = models.DateTimeField()

    objects = models.Manager.from_queryset(StatefulQuerySet["Quote"])()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="quote_is_for_something"),
            models.CheckConstraint(
                condition=Q(kind="mint", account=None) | Q(kind="melt", account__isnull=False),
                name="quote_melts_to_an_account",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], condition=Q(state="unpaid"), name="quote_to_forget")
        ]

    def __str__(self) -> str:
        return f"quote to {self.kind} {self.amount} drops"

    @property
    def is_over(self) -> bool:
        """Nobody paid in time."""
        return self.state == self.State.UNPAID and self.expires_at <= timezone.now()


class BlindSignature(MoneyRow):
    """What the mint signed without seeing it, kept so that a lost answer can be given again.

    `blinded` is B_ of the NUTs, `signature` its C_, `e` and `s` the proof (NUT-12).
    """

    blinded = models.CharField(max_length=66, primary_key=True)
    signature = models.CharField(max_length=66)
    e = models.CharField(max_length=64)
    s = models.CharField(max_length=64)
    amount = models.BigIntegerField()
    keyset = models.ForeignKey(Keyset, models.PROTECT, related_name="signatures")

    objects = models.Manager.from_queryset(MoneyQuerySet["BlindSignature"])()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="signature_is_worth_something")
        ]

    def __str__(self) -> str:
        return f"signature over {self.amount} drops"


class SpentToken(MoneyRow):
    """A token that came back; `y` is the point its secret hashes to, so it comes back once."""

    y = models.CharField(max_length=66, primary_key=True)
    amount = models.BigIntegerField()
    keyset = models.ForeignKey(Keyset, models.PROTECT, related_name="spent")

    objects = models.Manager.from_queryset(MoneyQuerySet["SpentToken"])()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="spent_token_had_worth")
        ]

    def __str__(self) -> str:
        return f"spent token of {self.amount} drops"

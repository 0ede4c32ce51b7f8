"""The outbox: what is to happen on chain, and every signed form it was sent in."""

from typing import ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.core.states import Stateful, StatefulQuerySet, TransitionRefused


class SenderQuerySet(StatefulQuerySet["Sender"]):
    """Claimable."""


class ChainTxQuerySet(StatefulQuerySet["ChainTx"]):
    def pending(self) -> Self:
        """Not over yet."""
        return self.filter(state__in=ChainTx.PENDING)


class Sender(Stateful):
    """One of our keys that sends transactions; this row alone gives out its nonces.

    Who claims the row may sign for a while. The claim spares work; what keeps a nonce
    from being used twice is that `next_nonce` is counted up by comparing.
    """

    TRANSITIONS: ClassVar = {"open": ()}

    role = models.CharField(max_length=12)
    address = models.CharField(max_length=42, unique=True)
    next_nonce = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12, default="open")

    objects = models.Manager.from_queryset(SenderQuerySet)()

    def __str__(self) -> str:
        return f"{self.role} {self.address}"


class ChainTx(Stateful):
    """One thing that is to happen on chain once, whatever dies on the way.

    `intent` names it; `data` is the call. It is signed once (more often only to raise the
    fee, with the same nonce) and then sent again and again until a block holds it.
    """

    class State(models.TextChoices):
        BUILT = "built", _("Waits to be signed")
        SENT = "sent", _("Sent; waits for a block")
        MINED = "mined", _("In a block; waits for more blocks")
        FINAL = "final", _("Done")
        FAILED = "failed", _("Refused by the contract")
        REPLACED = "replaced", _("Another transaction took its place")

    TRANSITIONS: ClassVar = {
        State.BUILT: (State.SENT, State.FAILED, State.REPLACED),
        # Back to BUILT only when its nonce is known to be spent by something else.
        State.SENT: (State.MINED, State.BUILT, State.REPLACED),
        State.MINED: (State.SENT, State.FINAL, State.FAILED),
        State.FINAL: (),
        State.FAILED: (),
        State.REPLACED: (),
    }
    PENDING = (State.BUILT, State.SENT, State.MINED)

    intent = models.CharField(max_length=200, unique=True)
    role = models.CharField(max_length=12)
    # For people to read; what is signed is `to`, `data` and `value` (in wei).
    contract = models.CharField(max_length=42, blank=True)
    function = models.CharField(max_length=80, blank=True)
    args = models.JSONField(default=list)
    # Empty: the transaction makes a contract.
    to = models.CharField(max_length=42, blank=True)
    data = models.BinaryField(default=bytes)
    value = models.BigIntegerField(default=0)
    gas = models.PositiveIntegerField(null=True, blank=True)

    state = models.CharField(max_length=12, choices=State, default=State.BUILT)
    sender = models.CharField(max_length=42, blank=True)
    nonce = models.BigIntegerField(null=True, blank=True)
    # The nonce was given with the row and cannot be another: a contract's address hangs on it.
    reserved = models.BooleanField(default=False)
    hash = models.CharField(max_length=66, blank=True, db_index=True)
    block_number = models.BigIntegerField(null=True, blank=True)
    block_hash = models.CharField(max_length=66, blank=True)
    gas_used = models.BigIntegerField(null=True, blank=True)
    succeeded = models.BooleanField(null=True, blank=True)
    # Why it failed, or what it waits for.
    error = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(ChainTxQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sender", "nonce"], name="one_intent_per_nonce"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=("built", "sent", "mined")),
                name="chaintx_pending",
            )
        ]

    def __str__(self) -> str:
        return f"{self.intent} ({self.state})"

    @property
    def is_over(self) -> bool:
        return self.state not in self.PENDING

    def moved_to(self, state: str, **changes: object) -> bool:
        """As `move_to`, but False when another pump was first."""
        try:
            self.move_to(state, **changes)
        except TransitionRefused:
            return False
        return True


class SignedTx(models.Model):
    """One signed form of a transaction, kept before it is sent; raising the fee adds another."""

    tx = models.ForeignKey(ChainTx, models.CASCADE, related_name="signed")
    sender = models.CharField(max_length=42)
    nonce = models.BigIntegerField()
    hash = models.CharField(max_length=66, unique=True)
    raw = models.BinaryField()
    # Wei per unit of gas, at most.
    max_fee = models.BigIntegerField()
    tip = models.BigIntegerField(default=0)
    gas = models.PositiveIntegerField()
    signed_at = models.DateTimeField(default=timezone.now)
    # When a node last took it.
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "signed transaction"
        indexes: ClassVar = [models.Index(fields=["sender", "nonce"], name="signedtx_nonce")]

    def __str__(self) -> str:
        return self.hash

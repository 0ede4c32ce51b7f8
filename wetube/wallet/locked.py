"""A person's locked tabs: what is left in each, what waits, what stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from wetube.chain.models import ChainTx
from wetube.cloudcoin.models import Escrow
from wetube.people.models import User
from wetube.wallet import confirming
from wetube.wallet.models import Locking

FORGOTTEN = timedelta(days=2)  # how long a locking that failed is told about


@dataclass(frozen=True)
class LockedTab:
    """Drops: `left` may be spent, `unconfirmed` of it the chain may still take back."""

    escrow: Escrow
    left: int
    spent: int
    unconfirmed: int

    @property
    def channel(self) -> str:
        return self.escrow.channel

    @property
    def withdraw_at(self) -> datetime | None:
        return self.escrow.withdraw_at

    @property
    def is_open(self) -> bool:
        return self.escrow.state == Escrow.State.OPEN

    @property
    def is_frozen(self) -> bool:
        return self.escrow.state == Escrow.State.FROZEN


@dataclass(frozen=True)
class Pending:
    """A locking the books do not show yet, and the sentence that says what it waits for."""

    amount: int
    sentence: str
    failed: bool


def of(user: User) -> list[LockedTab]:
    """Every tab the person has adopted, the newest first; those that are empty and closed last."""
    rows = Escrow.objects.filter(tab__account__owner=user).select_related("tab__account")
    return [standing(escrow) for escrow in rows.order_by("-state", "-opened_at")]


def standing(escrow: Escrow) -> LockedTab:
    """One tab's figures; `escrow` comes with its tab."""
    spent = escrow.tab.charged - escrow.tab.refunded
    return LockedTab(
        escrow=escrow,
        left=max(0, escrow.deposited + escrow.unconfirmed - spent),
        spent=spent,
        unconfirmed=escrow.unconfirmed,
    )


def pending(user: User) -> Sequence[Pending]:
    """Coin the person signed away that the chain has not settled; two queries.

    What failed is told for two days.
    """
    asked = Locking.objects.filter(
        escrow__tab__account__owner=user, asked_at__gt=timezone.now() - FORGOTTEN
    )
    amounts = dict(asked.values_list("intent", "amount"))
    on_the_way = ChainTx.objects.filter(intent__in=amounts).exclude(state=ChainTx.State.FINAL)
    return [_pending(amounts[tx.intent], tx) for tx in on_the_way.order_by("-pk")]


def _pending(amount: int, tx: ChainTx) -> Pending:
    failed = tx.state in (ChainTx.State.FAILED, ChainTx.State.REPLACED)
    return Pending(amount=amount, sentence=_sentence(tx, failed=failed), failed=failed)


def _sentence(tx: ChainTx, *, failed: bool) -> str:
    if failed:
        return _("the chain refused it; the coin is still in your wallet")
    if tx.state == ChainTx.State.MINED and tx.block_number is not None:
        return confirming.sentence(tx.block_number)
    return _("waiting for a block that takes it in")

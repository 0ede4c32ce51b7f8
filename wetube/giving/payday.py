"""A creator's next payout: when it is, how much it brings, where it goes; and those before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from wetube.cloudcoin import ledger
from wetube.people.models import User
from wetube.settlement import payouts, standing
from wetube.settlement.models import StandingOrder, Withdrawal


@dataclass(frozen=True)
class Payday:
    """The next payout as it would be if it were made now; amounts are drops.

    `at` is None where this site pays nothing out on chain. `asked` was asked out already, `free`
    is the rest of the balance, and `order` sends it along once it is enough.
    """

    at: datetime | None
    asked: int
    rooted: int
    free: int
    order: StandingOrder | None

    @property
    def amount(self) -> int:
        return self.asked + (self.free if self.is_enough else 0)

    @property
    def is_enough(self) -> bool:
        """The standing order would be carried out."""
        return self.order is not None and self.free >= self.order.threshold

    @property
    def missing(self) -> int:
        """Drops until the standing order is carried out."""
        return max(0, self.order.threshold - self.free) if self.order else 0


def of(user: User) -> Payday:
    """What the page shows; the payout itself is made by settlement, from the same rows."""
    due = payouts.due(user)
    return Payday(
        at=payouts.next_at(),
        asked=due.asked,
        rooted=due.rooted,
        free=ledger.account_of(user).available,
        order=standing.of(user),
    )


def waiting(user: User) -> Sequence[Withdrawal]:
    """What was asked out and waits for the next payout, the oldest first."""
    return list(_of(user).filter(state=Withdrawal.State.ASKED).order_by("asked_at", "pk"))


def past(user: User) -> "QuerySet[Withdrawal]":
    """What is in a payout or was paid, the newest first, each with its root."""
    made = _of(user).filter(state__in=(Withdrawal.State.ROOTED, Withdrawal.State.PAID))
    return made.select_related("root").order_by("-asked_at", "-pk")


def _of(user: User) -> "QuerySet[Withdrawal]":
    return Withdrawal.objects.filter(account__owner=user)

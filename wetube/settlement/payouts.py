"""Payouts as people ask about them: when is the next, and what am I to get."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Q, Sum
from django.utils import timezone

from wetube.people.models import User
from wetube.settlement.models import Withdrawal


@dataclass(frozen=True)
class Due:
    """Drops that left the balance and are not paid on chain yet.

    `asked` waits for the next payout and can be cancelled; `rooted` is in a payout already.
    """

    asked: int
    rooted: int

    @property
    def total(self) -> int:
        return self.asked + self.rooted


def next_at() -> datetime | None:
    """When the next payout is made of what is asked now; None without a chain to pay on."""
    if not settings.CLOUDCOIN_RPC:
        return None
    return turn() + timedelta(seconds=settings.PAYOUT_SECONDS)


def turn() -> datetime:
    """When the turn began that runs now: on every clock at the same multiples of PAYOUT_SECONDS."""
    every = settings.PAYOUT_SECONDS
    return datetime.fromtimestamp(int(timezone.now().timestamp()) // every * every, UTC)


def due(user: User) -> Due:
    """What the person asked out and the chain has not paid yet, in one query."""
    sums = Withdrawal.objects.filter(account__owner=user).aggregate(
        asked=Sum("amount", filter=Q(state=Withdrawal.State.ASKED)),
        rooted=Sum("amount", filter=Q(state=Withdrawal.State.ROOTED)),
    )
    return Due(asked=int(sums["asked"] or 0), rooted=int(sums["rooted"] or 0))

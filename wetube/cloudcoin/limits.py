"""Whether a payer may be charged: one rule, asked before the click and decided at the till."""

from datetime import UTC, date, datetime
from typing import Protocol

from django.utils import timezone

from wetube.cloudcoin import ledger
from wetube.cloudcoin.refusals import ChargeRefused, InsufficientFunds, OverDayCap, OverViewCap
from wetube.people.models import User


class Capped(Protocol):
    """A tab, or what a batch knows of one."""

    per_view_cap: int
    per_day_cap: int

    def charged_on(self, day: date) -> int: ...


def refusal(*, tab: Capped, available: int, amount: int, day: date | None) -> ChargeRefused | None:
    """Why this tab may not be charged the amount on that day (UTC); None if it may.

    Without a day the caps are not asked: the payer agreed to this very amount.
    """
    if available < amount:
        return InsufficientFunds(amount=amount, available=available)
    if day is None:
        return None
    charged_today = tab.charged_on(day)
    if amount > tab.per_view_cap:
        return OverViewCap(amount=amount, cap=tab.per_view_cap)
    if charged_today + amount > tab.per_day_cap:
        return OverDayCap(amount=amount, cap=tab.per_day_cap, charged_today=charged_today)
    return None


def obstacle(user: User, amount: int, *, capped: bool = True) -> ChargeRefused | None:
    """What the till would answer now if the person were charged this many drops."""
    account = ledger.account_of(user)
    day = today() if capped else None
    return refusal(tab=account.tab, available=account.available, amount=amount, day=day)


def today(now: datetime | None = None) -> date:
    """Days of caps and incomes begin at midnight UTC."""
    return (now or timezone.now()).astimezone(UTC).date()

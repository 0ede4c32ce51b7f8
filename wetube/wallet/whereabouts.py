"""Where a person's coin is, in drops: here, locked, on its way; and what each part waits for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from wetube.cloudcoin import income
from wetube.cloudcoin.amounts import coins
from wetube.cloudcoin.models import Account
from wetube.people.models import User
from wetube.settlement import payouts
from wetube.settlement.models import DepositAddress
from wetube.wallet import arrivals, confirming, locked
from wetube.wallet.locked import LockedTab


@dataclass(frozen=True)
class Waiting:
    """An amount that is not there yet, the sentence that says for what, and where it is shown."""

    amount: int
    sentence: str
    url: str = ""


@dataclass(frozen=True)
class Whereabouts:
    """`here` may be spent at once, `in_tabs` from this person's locked tabs."""

    here: int
    in_tabs: int
    leaving: int
    waits: Sequence[Waiting]
    tabs: Sequence[LockedTab]

    @property
    def total(self) -> int:
        return self.here + self.in_tabs + self.leaving


def of(user: User, account: Account) -> Whereabouts:
    """One person's coin; the number of queries does not grow with it."""
    tabs = locked.of(user)
    due = payouts.due(user)
    waits = [
        *_settling(user, account),
        *_arriving(account),
        *_locking(user),
        *_leaving(due, payouts.next_at()),
    ]
    return Whereabouts(
        here=account.available,
        in_tabs=sum(tab.left for tab in tabs),
        leaving=due.total,
        waits=waits,
        tabs=tabs,
    )


def _settling(user: User, account: Account) -> Iterator[Waiting]:
    soon = _("being settled; that takes seconds")
    if account.held:
        amount = {"amount": coins(account.held)}
        said = _("%(amount)s that you paid: %(wait)s.") % {**amount, "wait": soon}
        yield Waiting(account.held, said, reverse("cloudcoin:history"))
    earned = income.of(user).settling
    if earned:
        said = _("%(amount)s that you earned: %(wait)s.") % {"amount": coins(earned), "wait": soon}
        yield Waiting(earned, said, reverse("giving:income"))


def _arriving(account: Account) -> Iterator[Waiting]:
    where = DepositAddress.objects.filter(account=account).first()
    for each in arrivals.waiting(where.address) if where else []:
        parts = {"amount": coins(each.amount), "wait": confirming.waiting_for(each.blocks)}
        said = _("%(amount)s that you sent here: %(wait)s.") % parts
        yield Waiting(each.amount, said, reverse("wallet:top_up"))


def _locking(user: User) -> Iterator[Waiting]:
    for each in locked.pending(user):
        parts = {"amount": coins(each.amount), "wait": each.sentence}
        said = _("%(amount)s on its way into a tab: %(wait)s.") % parts
        yield Waiting(each.amount, said, reverse("wallet:tabs"))


def _leaving(due: payouts.Due, next_at: datetime | None) -> Iterator[Waiting]:
    url = reverse("wallet:withdraw")
    if due.asked:
        parts = {"amount": coins(due.asked), "wait": until_payout(next_at)}
        yield Waiting(due.asked, _("%(amount)s on its way out: %(wait)s.") % parts, url)
    if due.rooted:
        parts = {"amount": coins(due.rooted), "wait": _("waiting for the chain to pay it")}
        yield Waiting(due.rooted, _("%(amount)s on its way out: %(wait)s.") % parts, url)


def until_payout(at: datetime | None) -> str:
    """What a withdrawal waits for; `at` is when the next payout is made, None without a chain."""
    if at is None:
        return _("waiting until this gateway has a chain to pay on")
    return _("waiting for the payout of %(at)s UTC") % {"at": date_format(at, "DATETIME_FORMAT")}

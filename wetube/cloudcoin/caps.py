"""A payer's own limits: how much may be charged for one view, and in a day."""

from wetube.cloudcoin import ledger, limits
from wetube.cloudcoin.models import Tab
from wetube.people.models import User


def limit(user: User, *, per_view: int, per_day: int) -> Tab:
    """Set both limits, in drops, for every tab of the person's: the next charge is decided by them.

    The day's limit holds for each tab by itself.
    """
    account = ledger.account_of(user)
    Tab.objects.filter(account__owner=user).update(per_view_cap=per_view, per_day_cap=per_day)
    return Tab.objects.get(account=account)


def take_over(tab: Tab, user: User) -> None:
    """A tab that turns out to be the person's has the person's limits from now on."""
    own = ledger.account_of(user).tab
    caps = {"per_view_cap": own.per_view_cap, "per_day_cap": own.per_day_cap}
    Tab.objects.filter(pk=tab.pk).update(**caps)


def spent_today(tab: Tab) -> int:
    """Drops charged since midnight UTC."""
    return tab.charged_on(limits.today())

"""A payer's own limits: how much may be charged for one view, and in a day."""

from wetube.cloudcoin import ledger, limits
from wetube.cloudcoin.models import Tab
from wetube.people.models import User


def limit(user: User, *, per_view: int, per_day: int) -> Tab:
    """Set both limits, in drops; the next charge is decided by them."""
    tab = Tab.objects.get(account=ledger.account_of(user))
    Tab.objects.filter(pk=tab.pk).update(per_view_cap=per_view, per_day_cap=per_day)
    tab.per_view_cap, tab.per_day_cap = per_view, per_day
    return tab


def spent_today(tab: Tab) -> int:
    """Drops charged since midnight UTC."""
    return tab.charged_on(limits.today())

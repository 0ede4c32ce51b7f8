"""Pay for keeping: each proof settles the time since the one before, good ones for coin.

So a lease earns exactly its passed audits' share of its price, whenever they come. The sums of
a day (UTC) are paid when it is over, one journal a node; what the nodes' account does not cover
stays due.
"""

from datetime import UTC, datetime, timedelta

from django.db.models import F
from django.utils import timezone

from node_bridge.network import leases
from wetube.nodes import earnings
from wetube.nodes.earnings import NotCovered
from wetube.nodes.models import Audit, Earning, Lease, StorageDay

LONGEST = timedelta(days=7)  # one proof settles at most
MOST = 500  # days in one round


def settle(lease: Lease, audit: Audit) -> None:
    """Count what this proof earns, or forfeits; inside the transaction of its verdict."""
    since = lease.paid_through or lease.held_since or audit.asked
    until = min(audit.asked, lease.not_after)
    seconds = int(max(min(until - since, LONGEST), timedelta(0)).total_seconds())
    full = leases.worth(price=lease.price, size=lease.size, seconds=seconds)
    passed = audit.state == Audit.State.PASSED
    day, _new = StorageDay.objects.get_or_create(
        node_id=lease.node_id,
        day=timezone.now().astimezone(UTC).date(),
        defaults={"leases": 0, "byte_hours": 0, "passed": 0, "asked": 0, "full": 0, "amount": 0},
    )
    StorageDay.objects.filter(pk=day.pk).update(
        leases=F("leases") + 1,
        byte_hours=F("byte_hours") + lease.size * seconds // 3600,
        passed=F("passed") + int(passed),
        asked=F("asked") + 1,
        full=F("full") + full,
        amount=F("amount") + (full if passed else 0),
    )
    Lease.objects.filter(pk=lease.pk).update(paid_through=max(until, since))


def pay(*, now: datetime | None = None) -> int:
    """Pay the days that are over; how many were paid. Paying twice is harmless."""
    today = (now or timezone.now()).astimezone(UTC).date()
    due = StorageDay.objects.filter(earned=None, day__lt=today).select_related("node__operator")
    return sum(_pay(day) for day in due.order_by("day", "pk")[:MOST])


def _pay(day: StorageDay) -> bool:
    if day.amount:
        try:
            earnings.earn(
                day.node,
                Earning.Kind.STORAGE,
                amount=day.amount,
                reference=f"storage:{day.node.key}:{day.day}",
            )
        except NotCovered:
            return False
    return bool(StorageDay.objects.filter(pk=day.pk, earned=None).update(earned=timezone.now()))

"""Pay for keeping: each proof settles the time since the one before, good ones for coin.

So a lease earns exactly its passed audits' share of its price, whenever they come. The sums of
a day (UTC) are paid when it is over, one journal a node; what the nodes' account does not cover
stays due. A proof that comes while its day is being paid counts for the next one.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from node_bridge.network import leases
from wetube.cloudcoin import ledger
from wetube.nodes import earnings
from wetube.nodes.earnings import NotCovered
from wetube.nodes.models import Audit, Earning, Lease, Node, StorageDay

LONGEST = timedelta(days=7)  # one proof settles at most
AT_ONCE = 500  # days looked up together
DAY = timedelta(days=1)


def settle(lease: Lease, audit: Audit) -> None:
    """Count what this proof earns, or forfeits; inside the transaction of its verdict."""
    since = lease.paid_through or lease.held_since or audit.asked
    until = min(audit.asked, lease.not_after)
    seconds = int(max(min(until - since, LONGEST), timedelta(0)).total_seconds())
    full = leases.worth(price=lease.price, size=lease.size, seconds=seconds)
    passed = audit.state == Audit.State.PASSED
    today = timezone.now().astimezone(UTC).date()
    counts = {
        "leases": F("leases") + 1,
        "byte_hours": F("byte_hours") + lease.size * seconds // 3600,
        "passed": F("passed") + int(passed),
        "asked": F("asked") + 1,
        "full": F("full") + full,
        "amount": F("amount") + (full if passed else 0),
    }
    if not _count(lease.node_id, today, counts):
        _count(lease.node_id, today + DAY, counts)
    Lease.objects.filter(pk=lease.pk).update(paid_through=max(until, since))


def pay(*, now: datetime | None = None) -> int:
    """Pay all days that are over, the oldest first; how many were. Paying twice is harmless."""
    today = (now or timezone.now()).astimezone(UTC).date()
    return sum(_pay(day) for day in _due(today))


def _count(node_id: int, day: date, counts: Mapping[str, object]) -> bool:
    """Add to a day's sums, the row being locked from here on; False where it is paid already."""
    none = {"leases": 0, "byte_hours": 0, "passed": 0, "asked": 0, "full": 0, "amount": 0}
    row, _new = StorageDay.objects.get_or_create(node_id=node_id, day=day, defaults=none)
    return bool(StorageDay.objects.filter(pk=row.pk, earned=None).update(**counts))


def _due(today: date) -> Iterator[StorageDay]:
    """Each day before this one that waits for its pay, once, however many wait in vain."""
    due = StorageDay.objects.filter(earned=None, day__lt=today).order_by("day", "pk")
    some = list(due[:AT_ONCE])
    while some:
        yield from some
        last = some[-1]
        later = Q(day__gt=last.day) | Q(day=last.day, pk__gt=last.pk)
        some = list(due.filter(later)[:AT_ONCE])


def _pay(due: StorageDay) -> bool:
    """The day's sum as it stands under lock, and the mark that it is paid: both or neither."""
    try:
        with transaction.atomic():
            ledger.open_book()
            node = Node.objects.select_for_update(no_key=True).get(pk=due.node_id)
            day = StorageDay.objects.select_for_update().get(pk=due.pk)
            if day.earned is not None:
                return False
            if day.amount:
                earnings.earn(
                    node,
                    Earning.Kind.STORAGE,
                    amount=day.amount,
                    reference=f"storage:{node.key}:{day.day}",
                )
            StorageDay.objects.filter(pk=day.pk).update(earned=timezone.now())
    except (NotCovered, Node.DoesNotExist, StorageDay.DoesNotExist):
        return False
    return True

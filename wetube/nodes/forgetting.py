"""Rows that have done their work: proofs judged long ago, orders over, leases that came to nothing.

What was paid stays for good, in the rows of money; these only led there.
"""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from wetube.nodes.models import Audit, Lease, OrderLimit

PROOFS = timedelta(days=90)
ORDERS = timedelta(days=30)
LEASES = timedelta(days=90)
AT_ONCE = 1000  # rows one statement deletes
MOST = 100_000  # of a kind in one round


def forget() -> int:
    """Delete what is old enough, in small steps; how many rows. What is left waits for the next."""
    now = timezone.now()
    proofs = Audit.objects.exclude(state=Audit.State.ASKED).filter(asked__lt=now - PROOFS)
    # A view that waits for coin is still to be split by its limits.
    is_over = Q(charge=None) | Q(received=0) | Q(settled_at__isnull=False)
    orders = OrderLimit.objects.filter(is_over, expires__lt=now - ORDERS)
    over = (Lease.State.ENDED, Lease.State.REFUSED)
    leases = Lease.objects.filter(state__in=over, state_since__lt=now - LEASES)
    return _delete(proofs) + _delete(orders) + _delete(leases)


def _delete(rows: "QuerySet[Audit] | QuerySet[OrderLimit] | QuerySet[Lease]") -> int:
    done = 0
    while done < MOST:
        some = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        if not some:
            break
        rows.model._default_manager.filter(pk__in=some).delete()
        done += len(some)
    return done

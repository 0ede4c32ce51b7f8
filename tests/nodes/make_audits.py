"""Leases that have run for a while, and proofs asked of them, for tests."""

from datetime import timedelta

from django.utils import timezone

from wetube.nodes import auditing
from wetube.nodes.models import Audit, Lease


def aged(lease: Lease, **days: float) -> Lease:
    since = timezone.now() - timedelta(**(days or {"days": 1}))
    Lease.objects.filter(pk=lease.pk).update(
        paid_through=since, held_since=since, not_before=since, next_proof=timezone.now()
    )
    return Lease.objects.select_related("node", "placement").get(pk=lease.pk)


def audited(lease: Lease) -> Audit:
    made = auditing.ask(lease.pk)
    assert made is not None
    auditing.put(made.pk)
    made.refresh_from_db()
    return made

"""Pay for keeping: each day once, as it stands when it is paid, and nobody waits for another."""

from datetime import timedelta

import pytest
from django.utils import timezone

from node_bridge.network import leases as lease_terms
from tests.nodes import make_pay
from tests.nodes.make_audits import aged, audited
from wetube.nodes import storage_pay
from wetube.nodes.models import Earning, Lease, StorageDay

pytestmark = pytest.mark.django_db


def test_days_that_are_over_are_paid_once_and_only_what_is_covered(lease: Lease) -> None:
    audited(lease)
    day = StorageDay.objects.get()
    assert storage_pay.pay() == 0  # today is not over
    tomorrow = timezone.now() + timedelta(days=1)
    make_pay.fund_nodes(day.amount - 1)
    before = make_pay.books()
    assert storage_pay.pay(now=tomorrow) == 0
    assert make_pay.books() == before
    make_pay.fund_nodes(1)
    assert storage_pay.pay(now=tomorrow) == 1
    assert storage_pay.pay(now=tomorrow) == 0
    earned = Earning.objects.get()
    assert (earned.amount, earned.kind, earned.node) == (day.amount, "storage", lease.node)
    assert make_pay.nodes_have() == 0


def test_a_proof_that_comes_when_its_day_is_paid_counts_for_the_next(lease: Lease) -> None:
    """At midnight a verdict may be on its way while the day before it is paid."""
    audited(lease)
    make_pay.fund_nodes(10**6)
    assert storage_pay.pay(now=timezone.now() + timedelta(days=1)) == 1

    audited(aged(lease))

    paid, fresh = StorageDay.objects.order_by("day")
    assert fresh.day == paid.day + timedelta(days=1)
    assert (fresh.asked, fresh.earned) == (1, None)
    assert storage_pay.pay(now=timezone.now() + timedelta(days=2)) == 1
    assert make_pay.journaled(lease.node.operator.user) == paid.amount + fresh.amount


def test_a_day_is_paid_as_it_stands_when_it_is_paid(
    lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came in between its being found and its being paid is paid with it, and stops nobody."""
    audited(lease)
    make_pay.fund_nodes(10**6)
    found = list(storage_pay._due(timezone.now().date() + timedelta(days=1)))
    audited(aged(lease))
    monkeypatch.setattr(storage_pay, "_due", lambda _today: found)

    assert storage_pay.pay() == 1

    day = StorageDay.objects.get()
    assert day.asked == 2
    assert Earning.objects.get().amount == day.amount


def test_days_that_cannot_be_paid_keep_none_behind_them_waiting(
    lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_pay, "AT_ONCE", 2)
    for number, amount in enumerate((10**12, 10**12, 10**12, 5, 7)):
        StorageDay.objects.create(
            node=lease.node,
            day=timezone.now().date() - timedelta(days=9 - number),
            leases=1,
            byte_hours=1,
            passed=1,
            asked=1,
            full=amount,
            amount=amount,
        )
    make_pay.fund_nodes(12)
    assert storage_pay.pay() == 2
    assert make_pay.nodes_have() == 0


def test_a_lease_that_was_never_proved_earns_nothing(lease: Lease) -> None:
    assert not StorageDay.objects.exists()
    assert storage_pay.pay(now=timezone.now() + timedelta(days=9)) == 0


def test_a_long_silence_of_the_gateway_pays_a_week_at_most(lease: Lease) -> None:
    audited(aged(lease, days=30))
    day = StorageDay.objects.get()
    week = lease_terms.worth(price=lease.price, size=lease.size, seconds=7 * 86_400)
    assert day.amount == week

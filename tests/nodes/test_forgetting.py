"""What has done its work is forgotten, what money still hangs on is not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from node_bridge.network.identity import Identity
from tests.cloudcoin import make as coin
from tests.nodes import make_pay as make
from tests.nodes.make_audits import audited
from wetube.nodes import forgetting, orders
from wetube.nodes.models import Audit, Lease, OrderLimit, StorageDay
from wetube.people.models import User

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=100)


def test_old_proofs_go_and_what_they_earned_stays(lease: Lease) -> None:
    for _ in range(3):
        audited(lease)
    waiting = Audit.objects.latest("pk")
    Audit.objects.exclude(pk=waiting.pk).update(asked=LONG_AGO)
    due = StorageDay.objects.get().amount

    assert forgetting.forget() == 2

    assert Audit.objects.get() == waiting
    assert StorageDay.objects.get().amount == due


def test_orders_are_kept_until_their_view_is_split(olga: User, alice: User, bob: User) -> None:
    make.film()
    make.holds(make.node(olga))
    charge = coin.charge(bob, alice)
    for _ in range(3):
        orders.for_view(charge, root=make.ROOT, client=Identity.create().peer_id)
    split, waits, unsigned = OrderLimit.objects.order_by("pk")
    OrderLimit.objects.update(expires=LONG_AGO, received=5)
    OrderLimit.objects.filter(pk=split.pk).update(settled_at=LONG_AGO)
    OrderLimit.objects.filter(pk=unsigned.pk).update(received=0)

    assert forgetting.forget() == 2

    assert OrderLimit.objects.get() == waits


def test_leases_that_ended_long_ago_go_in_small_steps(
    lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 1)
    others = Lease.objects.exclude(pk=lease.pk)
    count = others.update(state=Lease.State.ENDED, state_since=LONG_AGO)

    assert forgetting.forget() == count > 1

    assert Lease.objects.get() == lease

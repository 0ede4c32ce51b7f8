"""Who thinks of joining is told what nodes ask now and how much of what they offer is in use."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.nodes import make_pay
from wetube.nodes import market
from wetube.nodes.models import Lease, Node, Placement
from wetube.people.models import User

pytestmark = pytest.mark.django_db


def offer(user: User, storage: int, **fields: Any) -> Node:
    prices = {"storage": storage, "delivery": storage * 2, "compute": {"720": storage * 3}}
    return make_pay.node(user, prices=prices, capacity=1000, **fields)


def test_a_price_is_the_median_of_those_who_take_work(alice: User) -> None:
    for storage in (5, 7, 1_000_000):
        offer(alice, storage)
    offer(alice, 1, state=Node.State.LOST)
    found = market.now()
    assert (found.storage, found.delivery, found.compute) == (7, 14, {"720": 21})


def test_without_nodes_nothing_is_known() -> None:
    assert market.now() == market.Market(0, 0, {}, None)


def test_what_is_leased_of_what_is_offered_is_told(alice: User) -> None:
    node = offer(alice, 5)
    offer(alice, 5)
    lease = _lease(node, size=500)
    answer = Client().get("/nodes/v1/gateway").json()
    assert answer["in_use"] == 0.25
    assert answer["prices"] == {"storage": 5, "delivery": 10, "compute": {"720": 15}}
    Lease.objects.filter(pk=lease.pk).update(state=Lease.State.ENDED)
    assert market.now().in_use == 0.25
    cache.clear()
    assert market.now().in_use == 0


def _lease(node: Node, *, size: int) -> Lease:
    root = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
    placement = Placement.objects.create(
        root=root, kind=Placement.Kind.WHOLE, holder="test", size=size, wanted=1
    )
    return Lease.objects.create(
        node=node,
        placement=placement,
        cid=root,
        size=size,
        price=5,
        state=Lease.State.HELD,
        not_after=timezone.now() + timedelta(days=1),
    )

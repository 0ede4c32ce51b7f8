"""Epochs share new coin by the bytes nodes were receipted for, where their operators want it."""

import pytest
from pytest_django import Settings

from node_bridge.network.identity import Identity
from tests.cloudcoin import make as coin
from tests.nodes import make_pay as make
from wetube.chain.models import Deployment
from wetube.cloudcoin import refunds, rollup
from wetube.cloudcoin.models import Charge
from wetube.content.models import Delivery
from wetube.nodes import orders, receipts, splitting, work
from wetube.nodes.models import Node
from wetube.people.models import User
from wetube.settlement import emission, serving, standing
from wetube.settlement.emission import Work

pytestmark = pytest.mark.django_db
MIB = 1 << 20
ADDRESS = "0x" + "ab" * 20


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> str:
    """Where this gateway's own earnings go."""
    place = Deployment(vault="0x" + "Cd" * 20)
    monkeypatch.setattr("wetube.chain.deployment.required", lambda: place)
    return place.vault


@pytest.fixture
def node(olga: User) -> Node:
    made = make.node(olga)
    make.film()
    make.holds(made)
    return made


def watched(alice: User, bob: User, *, from_node: int, from_us: int) -> Charge:
    """A view whose bytes came from the node and from the gateway, split where it can be."""
    charge, client = coin.charge(bob, alice), Identity.create()
    if from_node:
        (offer,) = orders.for_view(charge, root=make.ROOT, client=client.peer_id)
        node = Node.objects.get(peer_id=offer.node)
        receipts.accept(node, make.receipt(client, offer, from_node))
    if from_us:
        Delivery.objects.create(key=charge.key, size=from_us)
    rollup.roll_up()
    return charge


def settle() -> None:
    make.end_limits()
    splitting.split_due(make.later(3600))


def test_work_is_shared_by_bytes_and_what_was_paid_counts_once(
    vault: str, node: Node, alice: User, bob: User, olga: User
) -> None:
    order = standing.order(olga, address=ADDRESS, threshold=10**8)
    watched(alice, bob, from_node=3 * MIB, from_us=MIB)
    watched(alice, bob, from_node=0, from_us=4 * MIB)
    settle()

    works = work.by_nodes(serving.views_between(0, 10**9))

    fee = coin.PRICE // 10
    assert list(works) == [
        Work(order.address, 3 * MIB, fee * 3 // 4),
        Work(vault, MIB, fee // 4),
        Work(vault, 4 * MIB, fee),
    ]
    shares = emission.share(8000, works, factor=1)
    assert shares == {order.address: 3000, vault: 5000}


def test_who_names_no_address_leaves_new_coin_to_the_vault(
    vault: str, node: Node, alice: User, bob: User
) -> None:
    watched(alice, bob, from_node=MIB, from_us=0)
    settle()
    assert work.by_nodes(serving.views_between(0, 10**9)) == [Work(vault, MIB, coin.PRICE // 10)]


def test_a_refunded_view_is_no_work(vault: str, node: Node, alice: User, bob: User) -> None:
    charge = watched(alice, bob, from_node=MIB, from_us=0)
    settle()
    make.fund_nodes(charge.nodes_share)
    refunds.refund(charge, reason="did not play")
    assert sum(one.served for one in work.by_nodes(serving.views_between(0, 10**9))) == 0


def test_an_epoch_waits_for_its_views_to_be_split(
    vault: str, node: Node, alice: User, bob: User, settings: Settings
) -> None:
    charges = serving.views_between(0, 10**9)
    assert work.is_known(charges)
    watched(alice, bob, from_node=MIB, from_us=0)
    assert not work.is_known(charges)

    settle()
    assert work.is_known(charges)


def test_and_not_for_ever(
    node: Node, alice: User, bob: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched(alice, bob, from_node=MIB, from_us=0)
    later = make.later(10**6)
    monkeypatch.setattr("wetube.nodes.work.timezone.now", lambda: later)
    assert work.is_known(serving.views_between(0, 10**9))


def test_the_epochs_ask_the_nodes() -> None:
    assert serving.BY is work.by_nodes
    assert serving.IS_KNOWN is work.is_known

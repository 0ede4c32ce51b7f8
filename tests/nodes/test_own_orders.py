"""The gateway buys what it sells: its own receipts count, and views pay for what it fetched."""

import pytest

from node_bridge.network import orders as order
from node_bridge.network.identity import Identity
from tests.cloudcoin import make as coin
from tests.nodes import make_pay as make
from wetube.cloudcoin import rollup
from wetube.content.models import Delivery, Pin
from wetube.nodes import earnings, identity, own_orders, receipts, splitting
from wetube.nodes.finding import LeaseFinder
from wetube.nodes.models import Node, OrderLimit
from wetube.people.models import User

pytestmark = pytest.mark.django_db
NODE = Identity.create()
MIB = 1 << 20


@pytest.fixture
def node(olga: User) -> Node:
    made = make.node(olga, identity=NODE, prices={"delivery": 9})
    make.film()
    make.holds(made)
    return made


def test_only_what_is_sold_is_bought(node: Node) -> None:
    finder = LeaseFinder()
    (found,) = finder.find(make.ROOT, make.ROOT)
    assert found.paid is not None
    Pin.objects.create(content=make.film(), holder="somebody else", is_open=True)
    (found,) = finder.find(make.ROOT, make.ROOT)
    assert found.paid is None
    assert found.passes is not None
    assert not own_orders.is_sold("bafkqaaa")
    assert not OrderLimit.objects.exists()


def test_an_order_of_ours_is_one_the_node_takes(node: Node) -> None:
    made = own_orders.at(node)(make.ROOT)

    limit = order.read_limit(made.token, by=identity.own().peer_id, to=NODE.peer_id, now=0)

    assert (limit.client, limit.root, limit.price) == (identity.own().peer_id, make.ROOT, 9)
    receipt = order.read_receipt(made.receipt(5), to=NODE.peer_id, now=0)
    order.check(receipt, limit)


def test_the_view_pays_what_was_fetched_for_it(
    node: Node, alice: User, bob: User, olga: User
) -> None:
    charge = coin.charge(bob, alice)
    token = own_orders.at(node)(make.ROOT).receipt(3 * MIB)
    for _ in range(2):
        (verdict,) = receipts.take(node, [token])
        assert (verdict.size, verdict.reason) == (3 * MIB, "")
    Delivery.objects.create(key=charge.key, size=4 * MIB)
    rollup.roll_up()
    make.end_limits()

    assert splitting.split_due(make.later(3600)) == 1

    assert earnings.of(olga).bandwidth == charge.nodes_share * 3 // 4
    assert make.nodes_have() == charge.nodes_share - charge.nodes_share * 3 // 4

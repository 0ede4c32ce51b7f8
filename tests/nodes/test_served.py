"""A receipt says who sent the film and what each had of the nodes' share, to the drop."""

import pytest
from django.test import Client

from node_bridge.network.identity import Identity
from tests.cloudcoin import make as coin
from tests.nodes import make_pay as make
from wetube.cloudcoin import charges, rollup
from wetube.cloudcoin.models import Charge
from wetube.content.models import Delivery
from wetube.nodes import orders, receipts, splitting
from wetube.nodes.models import Node
from wetube.people.models import User

pytestmark = pytest.mark.django_db
MIB = 1 << 20


@pytest.fixture
def charge(alice: User, bob: User, olga: User) -> Charge:
    """Of four mebibytes, a node sent three."""
    node, client = make.node(olga, prices={"delivery": 7}), Identity.create()
    make.film()
    make.holds(node)
    made = coin.charge(bob, alice)
    (offer,) = orders.for_view(made, root=make.ROOT, client=client.peer_id)
    receipts.accept(node, make.receipt(client, offer, 3 * MIB))
    Delivery.objects.create(key=made.key, size=MIB)
    return made


def settle() -> None:
    rollup.roll_up()
    make.end_limits()
    splitting.split_due(make.later(3600))


def test_who_served_is_known_when_the_view_is_split(charge: Charge) -> None:
    assert charges.receipt(charge).served == ()
    settle()

    node, gateway = charges.receipt(charge).served

    peer_id = Node.objects.get().peer_id
    share = charge.nodes_share
    assert node == charges.Server(f"…{peer_id[-8:]}", 3 * MIB, share * 3 // 4, 7)
    assert gateway == charges.Server("", MIB, share - share * 3 // 4, None)
    (nodes,) = (leg for leg in charges.receipt(charge).legs if leg.payee == "nodes")
    assert node.amount + gateway.amount == nodes.amount


def test_a_node_that_is_forgotten_has_no_name(charge: Charge) -> None:
    settle()
    Node.objects.get().delete()
    assert charges.receipt(charge).served[0].name == "…"


def test_the_page_shows_it(charge: Charge, bob: User, client: Client) -> None:
    settle()
    client.force_login(bob)
    name = charges.receipt(charge).served[0].name

    page = client.get(charge.get_absolute_url()).content.decode()

    assert name in page
    assert "3.0\xa0MB" in page
    assert "This gateway" in page

"""Order limits are given for standing views alone, to nodes that hold the film, within its pay."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from node_bridge.network import orders as order
from node_bridge.network.identity import Identity
from tests.cloudcoin import make as coin
from tests.nodes import make_pay as make
from wetube.cloudcoin import refunds
from wetube.cloudcoin.models import Charge
from wetube.nodes import identity, orders
from wetube.nodes.models import Node, OrderLimit
from wetube.people.models import User

pytestmark = pytest.mark.django_db
CLIENT = Identity.create()


@pytest.fixture
def node(olga: User) -> Node:
    """Holds the film."""
    made = make.node(olga)
    make.film()
    make.holds(made)
    return made


@pytest.fixture
def charge(alice: User, bob: User) -> Charge:
    """Bob paid for alice's film."""
    return coin.charge(bob, alice)


def ask(charge: Charge, client: Identity = CLIENT) -> list[orders.Offer]:
    return orders.for_view(charge, root=make.ROOT, client=client.peer_id)


def test_a_paid_view_gets_a_limit_that_says_what_was_agreed(node: Node, charge: Charge) -> None:
    (offer,) = ask(charge)

    limit = order.read_limit(
        offer.token, by=identity.own().peer_id, to=node.peer_id, now=timezone.now().timestamp()
    )
    assert limit.client == CLIENT.peer_id
    assert (limit.serial, limit.root) == (offer.serial, make.ROOT)
    assert make.FILM < limit.max_bytes < make.FILM * 1.1
    assert limit.price == charge.nodes_share * order.GIB // limit.max_bytes
    assert offer.url == node.urls[0]
    row = OrderLimit.objects.get(serial=offer.serial)
    assert int(row.expires.timestamp()) == limit.expires


def test_asking_again_gives_the_same_limit_while_it_is_fresh(node: Node, charge: Charge) -> None:
    first = ask(charge)
    assert ask(charge) == first
    assert OrderLimit.objects.count() == 1

    OrderLimit.objects.update(expires=make.later(100))
    (second,) = ask(charge)

    assert second.serial != first[0].serial


def test_each_page_has_limits_of_its_own(node: Node, charge: Charge) -> None:
    serials = {offer.serial for _ in range(3) for offer in ask(charge, Identity.create())}
    assert len(serials) == 3


def test_who_signs_for_nothing_gets_no_window_after_window(node: Node, charge: Charge) -> None:
    """A new key for each four mebibytes would have the whole film, and then the coin back."""
    got = [len(ask(charge, Identity.create())) for _ in range(6)]
    assert got == [1, 1, 1, 1, 0, 0]
    OrderLimit.objects.update(expires=make.later(-1))
    assert ask(charge) == []

    OrderLimit.objects.update(received=1000)

    assert len(ask(charge)) == 1


def test_no_more_is_given_out_than_the_content_has(node: Node, charge: Charge) -> None:
    (offer,) = ask(charge)
    OrderLimit.objects.update(received=1000, expires=make.later(100))

    (second,) = ask(charge)
    assert second.max_bytes == offer.max_bytes - 1000

    OrderLimit.objects.filter(serial=second.serial).update(
        received=second.max_bytes, expires=make.later(100)
    )
    assert ask(charge) == []


def test_nodes_that_ask_more_than_the_view_pays_sell_nothing(node: Node, charge: Charge) -> None:
    pays = ask(charge)[0].price
    for price, sells in ((pays, 1), (pays + 1, 0)):
        Node.objects.update(prices={"delivery": price})
        assert len(ask(charge)) == sells


def test_only_nodes_that_hold_the_film_and_are_there(node: Node, charge: Charge) -> None:
    make.node(node.operator.user)
    for state, sells in (("active", 1), ("leaving", 1), ("suspect", 0), ("lost", 0), ("gone", 0)):
        Node.objects.filter(pk=node.pk).update(state=state)
        assert len(ask(charge)) == sells


def test_at_most_four_nodes_serve_a_view(node: Node, charge: Charge) -> None:
    for _ in range(6):
        make.holds(make.node(node.operator.user))
    assert len({offer.node for offer in ask(charge)}) == orders.MOST_NODES


def test_who_watches_buys_nothing_from_nodes_of_their_own(bob: User, charge: Charge) -> None:
    make.film()
    make.holds(make.node(bob))
    assert ask(charge) == []
    assert not OrderLimit.objects.exists()


def test_a_refunded_view_gets_nothing(node: Node, charge: Charge) -> None:
    refunds.refund(charge, reason="did not play")
    with pytest.raises(orders.NoOrders, match="standing view"):
        ask(charge)
    assert not OrderLimit.objects.exists()


def test_a_tip_gets_nothing(node: Node, alice: User, bob: User) -> None:
    tip = coin.charge(bob, alice)
    assert tip.kind == Charge.Kind.VIEW
    tip.kind = Charge.Kind.TIP
    with pytest.raises(orders.NoOrders):
        orders._until(tip)


def test_limits_end_when_the_view_s_pay_is_split(
    node: Node, charge: Charge, settings: Settings
) -> None:
    settings.ORDER_SECONDS, settings.VIEW_SPLIT_SECONDS = 900, 100
    (offer,) = ask(charge)
    assert offer.expires <= (charge.at + timedelta(seconds=100)).timestamp()

    settings.VIEW_SPLIT_SECONDS = 10
    with pytest.raises(orders.NoOrders, match="divided"):
        ask(charge)


@pytest.mark.parametrize("client", ["", "nobody", "12D3KooW", "Qm" + "a" * 44])
def test_a_client_is_a_peer_id(node: Node, charge: Charge, client: str) -> None:
    with pytest.raises(orders.NoOrders):
        orders.for_view(charge, root=make.ROOT, client=client)
    assert not OrderLimit.objects.exists()


def test_a_node_that_holds_the_film_is_no_viewer(node: Node, charge: Charge) -> None:
    with pytest.raises(orders.NoOrders, match="as a viewer"):
        orders.for_view(charge, root=make.ROOT, client=node.peer_id)
    assert not OrderLimit.objects.exists()


def test_content_nobody_knows_is_sold_by_nobody(node: Node, charge: Charge) -> None:
    assert orders.for_view(charge, root="bafkqaaa", client=CLIENT.peer_id) == []


def test_a_view_cannot_gather_limits_without_end(
    node: Node, charge: Charge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "MOST_LIMITS", 3)
    for _ in range(5):
        ask(charge, Identity.create())
    assert OrderLimit.objects.count() == 3

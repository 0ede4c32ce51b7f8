"""Who paid for a film may order it from the nodes that keep it, and its page may go there alone."""

import pytest
from django.test import Client

from node_bridge.network import orders
from node_bridge.network.identity import Identity
from tests import make
from tests.nodes import make_pay
from wetube.cloudcoin import refunds, rollup, till
from wetube.cloudcoin.models import Charge
from wetube.content.models import Delivery
from wetube.nodes import identity, receipts, splitting
from wetube.nodes.models import Node, OrderLimit
from wetube.people.models import Channel, User
from wetube.video import paying, tickets, watching
from wetube.video.models import Video

pytestmark = pytest.mark.django_db
BUYER = Identity.create()


@pytest.fixture
def film(channel: Channel) -> Video:
    """Costs something, and is kept by a node of somebody else's."""
    video = make.published(channel, price=5_000_000)
    node = make_pay.node(make.user("olga"))
    make_pay.holds(node, root=video.cid, size=video.size)
    return video


@pytest.fixture
def bob() -> User:
    return make.user("bob")


@pytest.fixture
def charge(film: Video, bob: User) -> Charge:
    return till.charge(
        payer=bob,
        payee=film.channel.owner,
        amount=film.price,
        reference="view",
        subject=film.holder,
    )


def address(film: Video) -> str:
    return f"{film.get_absolute_url()}orders/"


def connects_to(page: object) -> str:
    policy = str(page.headers["Content-Security-Policy"])  # type: ignore[attr-defined]  # a response
    (found,) = (part for part in policy.split("; ") if part.startswith("connect-src"))
    return found


def test_who_paid_has_an_order_at_each_node(
    film: Video, charge: Charge, bob: User, client: Client
) -> None:
    client.force_login(bob)
    answer = client.post(address(film), {"client": BUYER.peer_id})

    (order,) = answer.json()["orders"]
    node = Node.objects.get()
    assert (order["node"], order["url"], order["root"]) == (node.peer_id, node.urls[0], film.cid)
    limit = orders.read_limit(order["token"], by=identity.own().peer_id, to=node.peer_id, now=0)
    assert limit.client == BUYER.peer_id


def test_a_ticket_is_as_good_as_a_session(film: Video, charge: Charge, client: Client) -> None:
    answer = client.post(f"{address(film)}?ticket={tickets.of(charge)}", {"client": BUYER.peer_id})
    assert len(answer.json()["orders"]) == 1


def test_who_did_not_pay_has_none(film: Video, bob: User, client: Client) -> None:
    for _ in range(2):
        answer = client.post(address(film), {"client": BUYER.peer_id})
        assert answer.status_code == 403
        client.force_login(bob)
    assert not OrderLimit.objects.exists()


def test_after_a_refund_there_are_none(
    film: Video, charge: Charge, bob: User, client: Client
) -> None:
    client.force_login(bob)
    refunds.refund(charge, reason="did not play")
    assert client.post(address(film), {"client": BUYER.peer_id}).status_code == 403
    assert not OrderLimit.objects.exists()


@pytest.mark.parametrize("said", [{}, {"client": "nobody"}, {"client": "1" * 5000}])
def test_a_client_that_is_none_is_refused(
    film: Video, charge: Charge, bob: User, client: Client, said: dict[str, str]
) -> None:
    client.force_login(bob)
    assert client.post(address(film), said).status_code == 409
    assert not OrderLimit.objects.exists()


def test_the_page_may_speak_to_the_film_s_nodes_and_no_others(
    film: Video, charge: Charge, bob: User, client: Client
) -> None:
    make_pay.node(make.user("otto"))
    client.force_login(bob)
    page = client.get(film.get_absolute_url())
    (url,) = Node.objects.get(order_limits=None, leases__isnull=False).urls
    assert connects_to(page).endswith(f" {url}")
    assert connects_to(page).count("example") == 1
    assert f'orders="{address(film)}"' in page.content.decode()
    assert "example" not in connects_to(client.get("/"))


def test_a_free_film_s_page_speaks_to_no_node(film: Video, client: Client) -> None:
    Video.objects.update(price=0)
    assert "example" not in connects_to(client.get(film.get_absolute_url()))


def test_a_url_that_is_no_origin_stays_out_of_the_policy(
    film: Video, charge: Charge, bob: User, client: Client
) -> None:
    client.force_login(bob)
    for url in ("https://a.example; script-src *", "http://a.example", "https://a.example/x", "*"):
        Node.objects.update(urls=[url])
        assert "example" not in connects_to(client.get(film.get_absolute_url()))


def test_without_nodes_the_gateway_serves(film: Video, charge: Charge) -> None:
    source = watching.source(film, charge=charge)
    assert source is not None
    assert source.orders
    Node.objects.update(state=Node.State.LOST)
    source = watching.source(film, charge=charge)
    assert source is not None
    assert source.orders == ""


def test_what_nodes_delivered_is_not_given_back(
    film: Video, charge: Charge, bob: User, client: Client
) -> None:
    client.force_login(bob)
    node = Node.objects.get()
    (order,) = client.post(address(film), {"client": BUYER.peer_id}).json()["orders"]
    limit = orders.read_limit(order["token"], by=None, to=None, now=0)
    receipts.accept(node, orders.sign(BUYER, limit, 700_000))
    assert not Delivery.objects.exists()
    before = make_pay.books()

    with pytest.raises(paying.NoRefund):
        paying.refund_unplayed(charge, film)

    assert make_pay.books() == before


def test_what_nodes_were_paid_for_is_not_given_back(
    film: Video, charge: Charge, bob: User, client: Client
) -> None:
    """Else a few bytes of a dear film of one's own would mint its fee, and cost nothing."""
    client.force_login(bob)
    node = Node.objects.get()
    (order,) = client.post(address(film), {"client": BUYER.peer_id}).json()["orders"]
    limit = orders.read_limit(order["token"], by=None, to=None, now=0)
    receipts.accept(node, orders.sign(BUYER, limit, 1000))
    rollup.roll_up()
    make_pay.end_limits()
    assert splitting.split_due(make_pay.later(3600)) == 1
    before = make_pay.books()

    with pytest.raises(paying.NoRefund):
        paying.refund_unplayed(charge, film)

    assert make_pay.books() == before

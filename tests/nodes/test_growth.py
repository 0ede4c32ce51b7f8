"""What a payment costs does not grow with what was paid before: counted in statements."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from node_bridge.network.identity import Identity
from tests.cloudcoin import make as coin
from tests.nodes import make_pay as make
from tests.nodes.make_audits import audited
from wetube.cloudcoin import rollup
from wetube.cloudcoin.models import Charge
from wetube.nodes import earnings, orders, receipts, splitting
from wetube.nodes.models import Earning, Lease, Node, OrderLimit
from wetube.people.models import User

pytestmark = pytest.mark.django_db
CLIENT = Identity.create()


@pytest.fixture
def seller(olga: User) -> Node:
    """Holds the film."""
    made = make.node(olga)
    make.film()
    make.holds(made)
    return made


def earn(node: Node, number: int) -> int:
    """Statements of one earning."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        earnings.earn(node, Earning.Kind.STORAGE, amount=1, reference=f"one:{number}")
    return len(asked)


def watched(seller: Node, alice: User, bob: User) -> str:
    """A view that the node served, its receipt not handed in yet."""
    charge = coin.charge(bob, alice)
    (offer,) = orders.for_view(charge, root=make.ROOT, client=CLIENT.peer_id)
    return make.receipt(CLIENT, offer, 1000)


def test_an_earning_costs_the_same_after_many(seller: Node) -> None:
    make.fund_nodes(100)
    earn(seller, 0)
    first = earn(seller, 1)
    for number in range(2, 30):
        earn(seller, number)
    assert earn(seller, 30) == first


def test_receipts_and_views_cost_the_same_each(seller: Node, alice: User, bob: User) -> None:
    costs = []
    for count in (1, 2, 4, 6):  # the first opens accounts, too
        tokens = [watched(seller, alice, bob) for _ in range(count)]
        with CaptureQueriesContext(connection) as taking:
            assert all(verdict.size for verdict in receipts.take(seller, tokens))
        rollup.roll_up()
        make.end_limits()
        with CaptureQueriesContext(connection) as splits:
            assert splitting.split_due(make.later(1500)) == count
        costs.append((len(taking), len(splits)))
    _, (two, split_two), (four, split_four), (six, split_six) = costs
    assert six - four == four - two
    assert split_six - split_four == split_four - split_two


def test_a_proof_costs_the_same_after_many(lease: Lease) -> None:
    audited(lease)
    costs = []
    for _ in range(6):
        with CaptureQueriesContext(connection) as asked:
            audited(lease)
        costs.append(len(asked))
    assert max(costs) == min(costs)


def test_views_that_wait_for_nothing_are_not_gone_through(
    seller: Node, alice: User, bob: User
) -> None:
    """The books grow with every view; a round looks from the first that waits on."""
    watched(seller, alice, bob)
    OrderLimit.objects.update(settled_at=make.later(0))
    watched(seller, alice, bob)

    waiting = splitting._ordered(make.later(0)).children[-1]

    assert waiting == ("pk__gte", Charge.objects.latest("pk").pk)

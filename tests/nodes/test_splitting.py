"""A view's nodes' share goes to those who served it, by bytes, to the drop, once."""

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import Settings

from node_bridge.network.identity import Identity
from tests.cloudcoin import make as coin
from tests.nodes import make_pay as make
from wetube.cloudcoin import invariants, ledger, refunds, rollup
from wetube.cloudcoin.guarded import rewritten
from wetube.cloudcoin.models import Account, Charge
from wetube.content.models import Delivery
from wetube.nodes import earnings, earnings_hold, identity, orders, receipts, splitting
from wetube.nodes.models import Node, OrderLimit, ViewPart, ViewSplit
from wetube.people.models import User

pytestmark = pytest.mark.django_db
MIB = 1 << 20


@pytest.fixture
def nodes(olga: User) -> list[Node]:
    """Three that hold the film, of two operators."""
    make.film()
    other = User.objects.create(name="otto")
    made = [make.node(olga), make.node(olga), make.node(other)]
    for node in made:
        make.holds(node)
    return made


@pytest.fixture
def charge(alice: User, bob: User) -> Charge:
    return coin.charge(bob, alice)


def serve(charge: Charge, sizes: dict[str, int], client: Identity | None = None) -> None:
    """The viewer took so many bytes from each of these nodes, which handed in the receipts."""
    client = client or Identity.create()
    for offer in orders.for_view(charge, root=make.ROOT, client=client.peer_id):
        if size := sizes.get(offer.node):
            node = Node.objects.get(peer_id=offer.node)
            receipts.accept(node, make.receipt(client, offer, size))


def read_ourselves(node: Node, size: int, *, spread: int = 0) -> OrderLimit:
    """The gateway fetched so many bytes of the film from the node, which has the receipt."""
    return OrderLimit.objects.create(
        serial=f"own-read-{node.pk}-{size}-{OrderLimit.objects.count()}",
        node=node,
        client=identity.own().peer_id,
        root=make.ROOT,
        max_bytes=make.FILM,
        price=0,
        expires=make.later(60),
        received=size,
        spread=spread,
    )


def deliver(charge: Charge, size: int) -> None:
    """The gateway itself sent so many bytes for this view."""
    Delivery.objects.create(key=charge.key, size=size)


def settle_all() -> int:
    """Time passes: charges are rolled up, limits end, views are split."""
    rollup.roll_up()
    make.end_limits()
    return splitting.split_due(make.later(3600))


def parts() -> dict[str, tuple[int, int]]:
    rows = ViewPart.objects.select_related("node")
    return {part.node.peer_id: (part.size, part.amount) for part in rows if part.node}


def test_the_nodes_share_goes_to_who_served(nodes: list[Node], charge: Charge, olga: User) -> None:
    one, two, three = (node.peer_id for node in nodes)
    serve(charge, {one: 3 * MIB, three: MIB})
    deliver(charge, 4 * MIB)

    assert settle_all() == 1

    share = charge.nodes_share
    assert parts() == {one: (3 * MIB, share * 3 // 8), three: (MIB, share // 8)}
    assert make.nodes_have() == share - share * 3 // 8 - share // 8
    assert ViewSplit.objects.get().size == 4 * MIB
    assert earnings.of(olga) == earnings.Earned(bandwidth=share * 3 // 8)
    assert two not in parts()


def test_a_view_is_split_once(nodes: list[Node], charge: Charge) -> None:
    serve(charge, {nodes[0].peer_id: MIB})
    assert settle_all() == 1
    before = make.books()

    assert settle_all() == 0
    assert splitting.split(charge) == ViewSplit.objects.get()
    assert make.books() == before


def test_bytes_under_several_limits_count_together(nodes: list[Node], charge: Charge) -> None:
    serve(charge, {nodes[0].peer_id: MIB})
    serve(charge, {nodes[0].peer_id: 2 * MIB})
    settle_all()
    assert parts() == {nodes[0].peer_id: (3 * MIB, charge.nodes_share)}


def test_a_view_is_not_split_while_a_limit_runs(nodes: list[Node], charge: Charge) -> None:
    serve(charge, {nodes[0].peer_id: MIB})
    rollup.roll_up()
    assert splitting.split_due(make.later(600)) == 0
    OrderLimit.objects.update(expires=make.later(3000))
    assert splitting.split_due(make.later(2000)) == 0
    assert not ViewSplit.objects.exists()
    assert splitting.split_due(make.later(4000)) == 1


def test_a_view_that_is_not_rolled_up_waits(nodes: list[Node], charge: Charge) -> None:
    serve(charge, {nodes[0].peer_id: MIB})
    make.end_limits()
    before = make.books()
    assert splitting.split_due(make.later(3600)) == 0
    assert make.books() == before


def test_a_refund_before_the_split_takes_the_share_back(nodes: list[Node], charge: Charge) -> None:
    serve(charge, {nodes[0].peer_id: MIB})
    refunds.refund(charge, reason="did not play")
    before = make.books()

    assert settle_all() == 0
    assert splitting.split(charge) is None

    assert make.books() == before
    assert make.nodes_have() == 0
    assert not ViewSplit.objects.exists()


def test_a_refund_after_the_split_leaves_nodes_what_they_earned(
    nodes: list[Node], charge: Charge, bob: User
) -> None:
    had = ledger.account_of(bob).available
    serve(charge, {nodes[0].peer_id: MIB})
    settle_all()
    make.fund_nodes(charge.nodes_share)

    refunds.refund(charge, reason="did not play")

    assert ledger.account_of(bob).available == had + charge.amount
    assert earnings.of(nodes[0].operator.user).total == charge.nodes_share
    assert invariants.check() == []


def test_a_share_the_nodes_do_not_have_waits_whole(nodes: list[Node], charge: Charge) -> None:
    one, _, three = (node.peer_id for node in nodes)
    serve(charge, {one: MIB, three: MIB})
    rollup.roll_up()
    spent = charge.nodes_share - 1
    house, gateway = (ledger.house(kind) for kind in (Account.Kind.NODES, Account.Kind.GATEWAY))
    ledger.transfer(payer=house, payee=gateway, amount=spent, reference="elsewhere")
    before = [make.books(), [row[1:3] for row in OrderLimit.objects.values_list()]]

    assert settle_all() == 0
    assert [make.books(), [row[1:3] for row in OrderLimit.objects.values_list()]] == before
    assert not OrderLimit.objects.exclude(settled_at=None).exists()

    ledger.transfer(payer=gateway, payee=house, amount=spent, reference="back")
    assert settle_all() == 1


def test_what_the_gateway_fetched_is_paid_by_the_views_it_served(
    nodes: list[Node], charge: Charge
) -> None:
    read_ourselves(nodes[0], 6 * MIB)
    deliver(charge, 8 * MIB)

    assert settle_all() == 1

    assert parts() == {nodes[0].peer_id: (6 * MIB, charge.nodes_share * 6 // 8)}
    assert ViewSplit.objects.get().size == 2 * MIB


def test_fetched_once_is_paid_once_however_many_watch(
    nodes: list[Node], alice: User, bob: User
) -> None:
    read_ourselves(nodes[0], 5 * MIB)
    for number in range(3):
        deliver(coin.charge(bob, alice, reference=f"view {number}"), 4 * MIB)

    settle_all()

    assert sorted(ViewPart.objects.values_list("size", flat=True)) == [MIB, 4 * MIB]
    assert OrderLimit.objects.get().spread == 5 * MIB


def test_what_nobody_paid_to_watch_is_paid_by_nobody(nodes: list[Node], alice: User) -> None:
    read_ourselves(nodes[0], 5 * MIB)
    before = make.books()
    assert settle_all() == 0
    assert make.books() == before


def test_a_view_of_another_film_does_not_pay(nodes: list[Node], alice: User, bob: User) -> None:
    read_ourselves(nodes[0], 5 * MIB)
    deliver(coin.charge(bob, alice, subject="video:two"), 4 * MIB)
    assert settle_all() == 0


def test_a_view_waits_while_the_gateway_still_reads_for_it(
    nodes: list[Node], charge: Charge, settings: Settings
) -> None:
    read_ourselves(nodes[0], MIB)
    deliver(charge, MIB)
    rollup.roll_up()
    OrderLimit.objects.update(expires=make.later(10**6))
    assert splitting.split_due(make.later(3600)) == 0
    assert splitting.split_due(make.later(settings.VIEW_SPLIT_SECONDS + 60)) == 1


def test_limits_that_brought_nothing_leave_no_trace(nodes: list[Node], charge: Charge) -> None:
    serve(charge, {})
    rollup.roll_up()
    before = make.books()
    assert settle_all() == 0
    assert make.books() == before
    assert list(splitting.awaited(Charge.objects.all(), make.later(3600))) == []


def test_the_nightly_check_names_a_part_that_was_not_paid(
    nodes: list[Node], charge: Charge
) -> None:
    serve(charge, {nodes[0].peer_id: MIB})
    settle_all()
    assert list(earnings_hold.views_are_split_to_the_drop()) == []

    rewritten(ViewPart.objects.all(), amount=charge.nodes_share + 1)

    assert len(list(earnings_hold.views_are_split_to_the_drop())) == 2


SIZES = st.lists(st.integers(0, 20 * MIB), min_size=3, max_size=3)
VIEWS = st.tuples(st.integers(1, 10**8), SIZES, st.integers(0, 20 * MIB), st.booleans())


class AnyViews(TestCase):
    def setUp(self) -> None:
        alice, bob, *self.operators = (User.objects.create(name=name) for name in "abcde")
        self.alice, self.bob = alice, bob
        make.film()
        self.nodes = [make.node(operator) for operator in self.operators]
        for node in self.nodes:
            make.holds(node)

    @examples(max_examples=25, deadline=None)
    @given(st.lists(VIEWS, min_size=1, max_size=4), SIZES)
    def test_are_split_to_the_drop(
        self, views: list[tuple[int, list[int], int, bool]], fetched: list[int]
    ) -> None:
        for node, size in zip(self.nodes, fetched, strict=True):
            read_ourselves(node, size)
        charges = [self.view(*view) for view in views]
        settle_all()
        settle_all()

        for charge, (_, sizes, delivered, is_refunded) in zip(charges, views, strict=True):
            self.is_split_right(charge, sum(sizes) + delivered, is_refunded=is_refunded)
        assert invariants.check() == []
        assert list(earnings_hold.earnings_are_journals()) == []
        assert list(earnings_hold.views_are_split_to_the_drop()) == []
        for operator in self.operators:
            assert earnings.of(operator).total == make.journaled(operator)

    def view(self, price: int, sizes: list[int], delivered: int, is_refunded: bool) -> Charge:
        charge = coin.charge(self.bob, self.alice, price)
        served = zip((node.peer_id for node in self.nodes), sizes, strict=True)
        serve(charge, dict(served))
        deliver(charge, delivered)
        if is_refunded:
            refunds.refund(charge, reason="did not play")
        return charge

    def is_split_right(self, charge: Charge, whole: int, *, is_refunded: bool) -> None:
        got = list(ViewPart.objects.filter(split__charge=charge).select_related("split"))
        assert not (is_refunded and got)
        if not got:
            return
        assert sum(part.size for part in got) + got[0].split.size == whole
        assert sum(part.amount for part in got) <= charge.nodes_share
        for part in got:
            assert abs(part.amount - charge.nodes_share * part.size / whole) < 1

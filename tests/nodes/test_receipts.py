"""A receipt counts once and as far as it is honest; whatever else comes is refused by name."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from node_bridge.network.identity import Identity
from tests.cloudcoin import make as coin
from tests.nodes import make_pay as make
from wetube.cloudcoin import refunds
from wetube.cloudcoin.models import Charge
from wetube.nodes import orders, receipts
from wetube.nodes.models import Node, OrderLimit
from wetube.nodes.orders import Offer
from wetube.people.models import User

pytestmark = pytest.mark.django_db
CLIENT, STRANGER = Identity.create(), Identity.create()
MIB = 1 << 20


@pytest.fixture
def node(olga: User) -> Node:
    made = make.node(olga)
    make.film()
    make.holds(made)
    return made


@pytest.fixture
def charge(alice: User, bob: User) -> Charge:
    return coin.charge(bob, alice)


@pytest.fixture
def offer(node: Node, charge: Charge) -> Offer:
    (made,) = orders.for_view(charge, root=make.ROOT, client=CLIENT.peer_id)
    return made


def refused(node: Node, token: str) -> str:
    """Why the receipt does not count; nothing has changed."""
    before = [make.limits(), make.books()]
    (verdict,) = receipts.take(node, [token])
    assert [make.limits(), make.books()] == before
    assert verdict.size == 0
    assert verdict.sentence
    return verdict.reason


def test_a_receipt_counts_and_again_is_the_same(node: Node, offer: Offer) -> None:
    token = make.receipt(CLIENT, offer, 3 * MIB)

    for _ in range(3):
        (verdict,) = receipts.take(node, [token])
        assert verdict == receipts.Verdict(offer.serial, size=3 * MIB)

    limit = OrderLimit.objects.get()
    assert (limit.received, limit.receipt) == (3 * MIB, token)


def test_a_later_one_raises_it_and_a_lower_one_never_lowers_it(node: Node, offer: Offer) -> None:
    for size, counts in ((2, 2), (5, 5), (4, 5), (0, 5), (6, 6)):
        (verdict,) = receipts.take(node, [make.receipt(CLIENT, offer, size)])
        assert verdict.size == counts
    assert OrderLimit.objects.get().received == 6


def test_what_is_not_signed_is_refused(node: Node, offer: Offer) -> None:
    head, claims, signature = make.receipt(CLIENT, offer, 5).split(".")
    inflated = make.sign(CLIENT, offer, bytes=9).split(".")[1]
    for token in (
        "",
        "x" * 9000,
        f"{head}.{inflated}.{signature}",
        f"{head}.{claims}.",
        offer.token,
    ):
        assert refused(node, token) == "unsigned"


@pytest.mark.parametrize("size", [-1, 1.5, "5", None, 1 << 60])
def test_bytes_that_are_no_number_are_refused(node: Node, offer: Offer, size: object) -> None:
    assert refused(node, make.sign(CLIENT, offer, bytes=size)) == "unsigned"


def test_a_receipt_of_somebody_else_is_foreign(node: Node, offer: Offer) -> None:
    assert refused(node, make.sign(STRANGER, offer, bytes=5)) == "foreign"


def test_a_receipt_for_another_node_is_foreign(node: Node, offer: Offer, olga: User) -> None:
    other = make.node(olga)
    assert refused(other, make.receipt(CLIENT, offer, 5)) == "foreign"
    assert refused(node, make.sign(CLIENT, offer, aud=other.peer_id)) == "foreign"
    assert refused(other, make.sign(CLIENT, offer, aud=other.peer_id)) == "foreign"


def test_a_receipt_under_a_limit_of_another_gateway_is_foreign(node: Node, offer: Offer) -> None:
    elsewhere = replace(offer, serial="another-gateway-s-one")
    assert refused(node, make.sign(CLIENT, elsewhere)) == "foreign"


def test_more_than_the_limit_is_inflated(node: Node, offer: Offer) -> None:
    assert refused(node, make.sign(CLIENT, offer, bytes=offer.max_bytes + 1)) == "inflated"
    (verdict,) = receipts.take(node, [make.receipt(CLIENT, offer, offer.max_bytes)])
    assert verdict.size == offer.max_bytes


def test_many_limits_give_no_more_than_the_content_has(
    node: Node, charge: Charge, offer: Offer
) -> None:
    """Two pages of one viewer: each has a limit for the whole film, one film is paid."""
    (second,) = orders.for_view(charge, root=make.ROOT, client=STRANGER.peer_id)
    receipts.accept(node, make.receipt(CLIENT, offer, offer.max_bytes - 10))

    assert refused(node, make.receipt(STRANGER, second, 11)) == "inflated"
    assert receipts.accept(node, make.receipt(STRANGER, second, 10)).received == 10


def test_after_its_limit_ended_it_is_late(node: Node, offer: Offer) -> None:
    token = make.receipt(CLIENT, offer, 5)
    make.end_limits()
    assert refused(node, token) == "late"
    long_ago = int(timezone.now().timestamp()) - 1
    assert refused(node, make.sign(CLIENT, offer, exp=long_ago)) == "late"


def test_a_client_cannot_lengthen_a_limit(node: Node, offer: Offer) -> None:
    OrderLimit.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert refused(node, make.sign(CLIENT, offer, exp=offer.expires + 10**6)) == "late"


def test_a_settled_serial_is_a_replay(node: Node, offer: Offer) -> None:
    token = make.receipt(CLIENT, offer, 5)
    receipts.accept(node, token)
    OrderLimit.objects.update(settled_at=timezone.now())
    assert refused(node, token) == "replay"
    assert refused(node, make.receipt(CLIENT, offer, 6)) == "replay"


def test_a_node_s_own_key_as_the_client_is_collusion(
    node: Node, olga: User, charge: Charge
) -> None:
    sibling = Identity.create()
    (offer,) = orders.for_view(charge, root=make.ROOT, client=sibling.peer_id)
    make.node(olga, identity=sibling)  # the viewer of before turns out to be a node of hers
    assert refused(node, make.receipt(sibling, offer, 5)) == "collusion"


def test_watching_from_one_s_own_node_is_collusion(node: Node, offer: Offer, bob: User) -> None:
    Node.objects.update(operator=make.node(bob).operator)
    node.refresh_from_db()
    assert refused(node, make.receipt(CLIENT, offer, 5)) == "collusion"


def test_a_view_that_was_given_back_is_behind_nothing(
    node: Node, offer: Offer, charge: Charge
) -> None:
    refunds.refund(charge, reason="did not play")
    assert refused(node, make.receipt(CLIENT, offer, 5)) == "collusion"


def test_a_limit_without_a_view_counts_for_the_gateway_alone(node: Node, offer: Offer) -> None:
    OrderLimit.objects.update(charge=None)
    assert refused(node, make.receipt(CLIENT, offer, 5)) == "collusion"


def test_one_bad_receipt_does_not_spoil_the_good(node: Node, offer: Offer) -> None:
    good = make.receipt(CLIENT, offer, 5)
    verdicts = receipts.take(node, ["garbage", good, make.sign(STRANGER, offer)])
    assert [verdict.reason for verdict in verdicts] == ["unsigned", "", "foreign"]
    assert verdicts[1].size == 5
    assert verdicts[2].serial == offer.serial


class AnyReceipts(TestCase):
    @examples(max_examples=40, deadline=None)
    @given(st.lists(st.integers(0, 25 * MIB), max_size=12))
    def test_in_any_order_the_highest_honest_one_counts(self, sizes: list[int]) -> None:
        alice, bob, olga = (User.objects.create(name=name) for name in ("alice", "bob", "olga"))
        node = make.node(olga)
        make.film()
        make.holds(node)
        (offer,) = orders.for_view(coin.charge(bob, alice), root=make.ROOT, client=CLIENT.peer_id)
        highest = 0
        for size in sizes:
            (verdict,) = receipts.take(node, [make.sign(CLIENT, offer, bytes=size)])
            if size > offer.max_bytes:
                assert verdict.reason == "inflated"
            else:
                highest = max(highest, size)
                assert verdict.size == highest
        assert OrderLimit.objects.get().received == highest

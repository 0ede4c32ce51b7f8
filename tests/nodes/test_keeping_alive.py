"""Anybody may pay for a content to be kept; the coin goes to the nodes' account, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.nodes import make_pay
from tests.nodes.pretend import Crowd, rounds
from tests.nodes.test_placing import placed
from wetube.cloudcoin import ledger
from wetube.content import network
from wetube.nodes import finding, health, keeping
from wetube.nodes.keeping import InsufficientFunds, NotKept, TooLong
from wetube.nodes.models import Keeping, Placement
from wetube.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def placement(crowd: Crowd) -> Placement:
    crowd.join(3, prices={"storage": 10**7, "delivery": 0, "compute": {}})
    made = placed(b"scene" * 2_000_000)
    rounds()
    return Placement.objects.get(pk=made.pk)


def test_it_costs_what_the_nodes_ask_for_all_copies(placement: Placement) -> None:
    price = keeping.price(placement.root, days=30)
    assert price.amount == 10**7 * placement.size // 2**30 * 3 or price.amount == pytest.approx(
        3 * 10**7 * placement.size / 2**30, abs=3
    )
    assert price.until - timezone.now() == pytest.approx(
        timedelta(days=30), abs=timedelta(minutes=1)
    )


def test_paying_moves_the_coin_to_the_nodes_and_the_date_on(
    placement: Placement, bob: User
) -> None:
    had = ledger.account_of(bob).balance
    first = keeping.pay(bob, placement.root, days=30, reference="a")
    second = keeping.pay(bob, placement.root, days=10, reference="b")
    assert second.until - first.until == timedelta(days=10)
    spent = first.amount + second.amount
    assert ledger.account_of(bob).balance == had - spent
    assert make_pay.nodes_have() == spent
    kept = health.of(placement.root)
    assert kept is not None
    assert kept.paid_until == second.until


def test_one_reference_pays_once(placement: Placement, bob: User) -> None:
    first = keeping.pay(bob, placement.root, days=30, reference="a")
    before = make_pay.books()
    assert keeping.pay(bob, placement.root, days=30, reference="a") == first
    assert make_pay.books() == before
    assert Keeping.objects.count() == 1


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_payment_is_for_a_day_to_a_year(placement: Placement, bob: User, days: int) -> None:
    _refused(TooLong, bob, placement.root, days)


def test_what_no_node_keeps_cannot_be_paid_for(bob: User, crowd: Crowd) -> None:
    _refused(NotKept, bob, "bafkqaaa", 30)


def test_who_has_too_little_pays_nothing(placement: Placement, bob: User) -> None:
    account = ledger.account_of(bob)
    ledger.transfer(
        payer=account,
        payee=ledger.house(account.Kind.GATEWAY),
        amount=account.balance,
        reference="all of it",
    )
    _refused(InsufficientFunds, bob, placement.root, 30)


def _refused(name: type[Exception], who: User, root: str, days: int) -> None:
    ledger.account_of(who)
    before = make_pay.books()
    with pytest.raises(name):
        keeping.pay(who, root, days=days)
    assert make_pay.books() == before
    assert not Keeping.objects.exists()
    assert not Placement.objects.filter(paid_until__isnull=False).exists()


def test_the_gateway_finds_its_content_on_nodes_that_hold_it(
    placement: Placement, crowd: Crowd
) -> None:
    finder = finding.LeaseFinder()
    found = finder.find("bafkqaaa", placement.root)
    assert len(found) == 3
    assert all(provider.passes and provider.certificate for provider in found)
    network.engine()
    assert not finder.find("bafkqaaa", "bafkqaaa")

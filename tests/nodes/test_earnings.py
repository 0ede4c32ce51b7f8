"""Nodes are paid once for each task, out of what the nodes have, to the drop."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.nodes import make_pay as make
from wetube.cloudcoin import invariants, ledger, statement
from wetube.cloudcoin.guarded import MoneyRowsStay, rewritten
from wetube.cloudcoin.models import Account, Journal
from wetube.nodes import earnings, earnings_hold
from wetube.nodes.models import Earning
from wetube.people.models import User

pytestmark = pytest.mark.django_db
Kind = Earning.Kind


def test_a_task_is_paid_once(olga: User) -> None:
    node = make.node(olga)
    make.fund_nodes(1000)
    before = ledger.account_of(olga).balance

    first = earnings.earn(node, Kind.STORAGE, amount=300, reference="day 1")
    again = earnings.earn(node, Kind.STORAGE, amount=300, reference="day 1")

    assert first == again
    assert ledger.account_of(olga).balance == before + 300
    assert make.nodes_have() == 700
    assert earnings.of(olga) == earnings.Earned(storage=300)
    assert first.journal.kind == Journal.Kind.EARNING


@pytest.mark.parametrize(
    ("kind", "amount"), [(Kind.STORAGE, 301), (Kind.COMPUTATION, 300)], ids=["amount", "kind"]
)
def test_a_reference_is_for_one_payment(olga: User, kind: Earning.Kind, amount: int) -> None:
    node = make.node(olga)
    make.fund_nodes(1000)
    earnings.earn(node, Kind.STORAGE, amount=300, reference="day 1")
    before = make.books()

    with pytest.raises(earnings.ReferenceReused):
        earnings.earn(node, kind, amount=amount, reference="day 1")
    with pytest.raises(earnings.ReferenceReused):
        earnings.earn(make.node(olga), Kind.STORAGE, amount=300, reference="day 1")

    assert make.books() == before


def test_more_than_the_nodes_have_waits(olga: User) -> None:
    node = make.node(olga)
    ledger.account_of(olga)
    make.fund_nodes(100)
    before = make.books()

    with pytest.raises(earnings.NotCovered):
        earnings.earn(node, Kind.COMPUTATION, amount=101, reference="job")

    assert make.books() == before
    make.fund_nodes(1)
    assert earnings.earn(node, Kind.COMPUTATION, amount=101, reference="job").amount == 101


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_is_no_pay(olga: User, amount: int) -> None:
    node = make.node(olga)
    make.fund_nodes(100)
    before = make.books()

    with pytest.raises(earnings.BadAmount):
        earnings.earn(node, Kind.STORAGE, amount=amount, reference="x")

    assert make.books() == before


def test_an_earning_stays_as_it_was_paid(olga: User) -> None:
    make.fund_nodes(100)
    paid = earnings.earn(make.node(olga), Kind.STORAGE, amount=5, reference="x")
    paid.amount = 6
    for rewrite in (
        paid.save,
        paid.delete,
        lambda: Earning.objects.update(amount=6),
        Earning.objects.all().delete,
    ):
        with pytest.raises(MoneyRowsStay):
            rewrite()


def test_a_node_that_is_forgotten_leaves_what_was_paid(olga: User) -> None:
    node = make.node(olga)
    make.fund_nodes(100)
    earnings.earn(node, Kind.STORAGE, amount=5, reference="x")

    node.delete()

    assert earnings.of(olga).total == 5
    assert list(earnings_hold.earnings_are_journals()) == []


def test_keeping_is_paid_to_the_nodes_once(bob: User) -> None:
    had = ledger.account_of(bob).balance
    for _ in range(2):
        earnings.pay_for_keeping(bob, amount=40, reference="a year")

    assert ledger.account_of(bob).balance == had - 40
    assert make.nodes_have() == 40
    before = make.books()
    with pytest.raises(earnings.InsufficientFunds):
        earnings.pay_for_keeping(bob, amount=had, reference="a century")
    with pytest.raises(earnings.BadAmount):
        earnings.pay_for_keeping(bob, amount=-1, reference="never")
    assert make.books() == before


def test_the_wallet_s_sum_names_work_and_keeping(olga: User) -> None:
    make.fund_nodes(1000)
    earnings.earn(make.node(olga), Kind.BANDWIDTH, amount=300, reference="view")
    earnings.pay_for_keeping(olga, amount=40, reference="a year")

    told = statement.of(ledger.account_of(olga))

    assert (told.earned_by_nodes, told.kept) == (300, -40)
    parts = vars(told).copy()
    assert parts.pop("available") == sum(parts.values())


def test_days_and_kinds_add_up(olga: User) -> None:
    node = make.node(olga)
    make.fund_nodes(1000)
    for number, kind in enumerate((Kind.STORAGE, Kind.BANDWIDTH, Kind.COMPUTATION)):
        earnings.earn(node, kind, amount=100 + number, reference=f"{number}")
    rewritten(Earning.objects.filter(reference="0"), at=timezone.now() - timedelta(days=2))

    days = earnings.by_day(olga, days=5)

    assert [day.earned.total for day in days] == [0, 0, 100, 0, 203]
    assert earnings.of(olga) == earnings.Earned(100, 101, 102)
    assert earnings.of(olga, since=timezone.now() - timedelta(days=1)).total == 203


def test_what_was_paid_without_a_journal_is_named(olga: User) -> None:
    make.fund_nodes(1000)
    paid = earnings.earn(make.node(olga), Kind.STORAGE, amount=300, reference="day 1")
    assert list(earnings_hold.earnings_are_journals()) == []

    rewritten(Earning.objects.filter(pk=paid.pk), amount=F("amount") + 1)
    assert [str(one) for one in earnings_hold.earnings_are_journals()] == [
        "I13 earning day 1: says 301, its journal moved 300"
    ]


def test_a_journal_of_work_nobody_did_is_named(olga: User) -> None:
    make.fund_nodes(1000)
    nodes = ledger.house(Account.Kind.NODES)
    legs = [(nodes, -9), (ledger.account_of(olga), 9)]
    ledger.post(reference="gift", kind=Journal.Kind.EARNING, entries=legs)

    assert [broken.row for broken in earnings_hold.earnings_are_journals()] == ["journal gift"]


def test_the_database_refuses_an_earning_of_nothing(olga: User) -> None:
    make.fund_nodes(10)
    paid = earnings.earn(make.node(olga), Kind.STORAGE, amount=1, reference="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        rewritten(Earning.objects.filter(pk=paid.pk), amount=0)


class AnyWork(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(
        st.integers(0, 5000),
        st.lists(
            st.tuples(st.integers(0, 2), st.sampled_from(Kind.values), st.integers(1, 3000)),
            max_size=12,
        ),
    )
    def test_pays_what_is_there_and_to_the_drop(
        self, there: int, tasks: list[tuple[int, str, int]]
    ) -> None:
        people = [User.objects.create(name=f"operator-{number}") for number in range(3)]
        nodes = [make.node(person) for person in people]
        if there:
            make.fund_nodes(there)
        paid = 0
        for number, (who, kind, amount) in enumerate(tasks * 2):
            reference = f"task {number % len(tasks)}"
            try:
                earnings.earn(nodes[who], Kind(kind), amount=amount, reference=reference)
            except earnings.NotCovered:
                assert amount > there - paid
            else:
                paid += amount if number < len(tasks) else 0
                paid = sum(earnings.of(person).total for person in people)

        assert make.nodes_have() == there - paid
        for person in people:
            assert earnings.of(person).total == make.journaled(person)
            assert sum(day.earned.total for day in earnings.by_day(person)) == make.journaled(
                person
            )
        assert invariants.check() == []
        assert list(earnings_hold.earnings_are_journals()) == []

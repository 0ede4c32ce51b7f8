"""Nodes owe each other what they signed for; the gateway nets it, once and to the drop."""

import time

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from node_bridge.network import orders, statements
from node_bridge.network.identity import Identity
from tests.nodes import make_pay as make
from wetube.cloudcoin import invariants, ledger
from wetube.nodes import debts
from wetube.nodes.models import Node, NodeDebt
from wetube.people import farewell
from wetube.people.models import User

pytestmark = pytest.mark.django_db
ONE, OTHER = Identity.create(), Identity.create()


@pytest.fixture
def one(olga: User) -> Node:
    return make.node(olga, identity=ONE)


@pytest.fixture
def other(bob: User) -> Node:
    return make.node(bob, identity=OTHER)


def owe(debtor: Identity, creditor: Node, total: int) -> str:
    until = int(time.time()) + 600
    return orders.owe(debtor, creditor=creditor.peer_id, total=total, expires=until)


def told() -> list[object]:
    return [list(NodeDebt.objects.values_list("total", "settled", "statement")), make.books()]


def test_a_debt_grows_and_never_shrinks(one: Node, other: Node) -> None:
    for total, counts in ((5, 5), (9, 9), (7, 9), (9, 9)):
        assert debts.accept(other, owe(ONE, other, total)).total == counts
    assert NodeDebt.objects.get().settled == 0


def test_netting_moves_the_difference_once(one: Node, other: Node, olga: User, bob: User) -> None:
    had = [ledger.account_of(person).balance for person in (olga, bob)]
    debts.accept(other, owe(ONE, other, 100))
    debts.accept(one, owe(OTHER, one, 30))

    assert debts.net() == 70
    assert debts.net() == 0

    assert ledger.account_of(olga).balance == had[0] - 70
    assert ledger.account_of(bob).balance == had[1] + 70
    assert all(debt.settled == debt.total for debt in NodeDebt.objects.all())


def test_what_is_even_moves_nothing(one: Node, other: Node) -> None:
    debts.accept(other, owe(ONE, other, 50))
    debts.accept(one, owe(OTHER, one, 50))
    before = make.books()

    assert debts.net() == 0

    assert make.books() == before
    assert not NodeDebt.objects.exclude(settled=50).exists()


def test_a_debt_nobody_has_coin_for_is_refused(one: Node, other: Node, olga: User) -> None:
    has = ledger.account_of(olga).available
    debts.accept(other, owe(ONE, other, has))
    third = make.node(User.objects.create(name="otto"))
    ledger.account_of(third.operator.user)
    before = told()
    with pytest.raises(debts.DebtRefused, match="enough coin"):
        debts.accept(other, owe(ONE, other, has + 1))
    with pytest.raises(debts.DebtRefused, match="enough coin"):
        debts.accept(third, owe(ONE, third, 1))
    assert told() == before


def test_a_debt_whose_coin_is_gone_waits(one: Node, other: Node, olga: User, bob: User) -> None:
    debts.accept(other, owe(ONE, other, 100))
    account = ledger.account_of(olga)
    ledger.transfer(
        payer=account, payee=ledger.account_of(bob), amount=account.available - 99, reference="away"
    )
    before = told()
    assert debts.net() == 0
    assert told() == before

    ledger.transfer(
        payer=ledger.account_of(bob), payee=ledger.account_of(olga), amount=1, reference="back"
    )
    assert debts.net() == 100


def test_a_large_debt_is_settled_before_its_coin_can_go(
    one: Node, other: Node, olga: User, bob: User
) -> None:
    """Else who is served for a debt of all it has spends the coin elsewhere within the hour."""
    had = ledger.account_of(bob).balance
    debts.accept(other, owe(ONE, other, debts.CREDIT))
    assert ledger.account_of(bob).balance == had

    debt = debts.accept(other, owe(ONE, other, debts.CREDIT + 1))

    assert debt.settled == debt.total == debts.CREDIT + 1
    assert ledger.account_of(bob).balance == had + debt.total
    assert debts.net() == 0


def test_who_leaves_settles_first(one: Node, other: Node, olga: User, bob: User) -> None:
    had = ledger.account_of(bob).balance
    debts.accept(other, owe(ONE, other, 70))

    farewell.leave(olga)

    assert not NodeDebt.objects.exists()
    assert ledger.account_of(bob).balance == had + 70
    assert debts.net() == 0


def test_bad_debts_are_refused(one: Node, other: Node, olga: User) -> None:
    before = told()
    good = owe(ONE, other, 5)
    head, _, signature = good.split(".")
    bigger = owe(ONE, other, 6).split(".")[1]
    late = orders.owe(ONE, creditor=other.peer_id, total=5, expires=int(time.time()) - 1)
    receipt = statements.state(ONE, statements.RECEIPT, {"aud": other.peer_id, "exp": 1 << 40})
    sibling = make.node(olga)
    for creditor, token in (
        (other, ""),
        (other, f"{head}.{bigger}.{signature}"),
        (other, receipt),
        (other, late),
        (one, good),
        (other, owe(Identity.create(), other, 5)),
        (sibling, owe(ONE, sibling, 5)),
    ):
        with pytest.raises(debts.DebtRefused):
            debts.accept(creditor, token)
    Node.objects.filter(pk=one.pk).update(state=Node.State.LOST)
    with pytest.raises(debts.DebtRefused, match="no such node"):
        debts.accept(other, good)
    assert told() == before


class AnyDebts(TestCase):
    @examples(max_examples=30, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 12 * 10**8)), max_size=12
        )
    )
    def test_conserve_coin_and_settle_what_was_signed(
        self, said: list[tuple[int, int, int]]
    ) -> None:
        people = [User.objects.create(name=f"operator-{number}") for number in range(3)]
        keys = [Identity.create() for _ in people]
        nodes = [make.node(who, identity=key) for who, key in zip(people, keys, strict=True)]
        had = [ledger.account_of(person).balance for person in people]
        for number, (debtor, creditor, total) in enumerate(said):
            if debtor != creditor:
                try:
                    debts.accept(nodes[creditor], owe(keys[debtor], nodes[creditor], total))
                except debts.DebtRefused:
                    assert total > 0
            if number % 3 == 2:
                debts.net()
        debts.net()
        debts.net()

        assert invariants.check() == []
        for who, person in enumerate(people):
            rows = NodeDebt.objects.all()
            came = sum(row.settled for row in rows if row.creditor_id == nodes[who].pk)
            went = sum(row.settled for row in rows if row.debtor_id == nodes[who].pk)
            assert ledger.account_of(person).balance == had[who] + came - went

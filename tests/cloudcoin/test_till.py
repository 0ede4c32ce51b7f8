"""The till charges once, within the limits, and a refusal changes nothing."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.cloudcoin import make
from wetube.cloudcoin import batch, caps, invariants, ledger, limits, till
from wetube.cloudcoin.batch import Order
from wetube.cloudcoin.guarded import MoneyRowsStay
from wetube.cloudcoin.models import Account, Charge, Tab
from wetube.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wallets_are_open(alice: User, bob: User) -> None:
    ledger.account_of(alice)
    ledger.account_of(bob)


def test_a_charge_is_held_and_split_to_the_drop(alice: User, bob: User) -> None:
    charge = make.charge(bob, alice, 1_234_567)

    assert (charge.nodes_share, charge.gateway_share) == (246_913, 123_456)
    assert charge.payee_share == 1_234_567 - 246_913 - 123_456
    payer = ledger.account_of(bob)
    assert (payer.held, payer.tab.charged) == (1_234_567, 1_234_567)
    assert charge.cumulative == 1_234_567
    assert invariants.check() == []


def test_the_answer_is_the_row_as_it_was_written(alice: User, bob: User) -> None:
    charge = make.charge(bob, alice, label="A film")
    row = Charge.objects.get()

    fields = [field.attname for field in Charge._meta.concrete_fields]
    assert {name: getattr(charge, name) for name in fields} == {
        name: getattr(row, name) for name in fields
    }
    assert charge == row
    with pytest.raises(MoneyRowsStay):
        charge.save()


def test_the_same_reference_is_the_same_charge(alice: User, bob: User) -> None:
    first = make.charge(bob, alice, reference="view:1")

    assert make.charge(bob, alice, reference="view:1") == first
    assert ledger.account_of(bob).held == make.PRICE


@pytest.mark.parametrize("other", [{"amount": 9}, {"subject": "video:two"}])
def test_a_reference_for_something_else_is_refused(
    alice: User, bob: User, other: dict[str, int | str]
) -> None:
    asked = {"payer": bob, "payee": alice, "amount": 8, "reference": "r", "subject": "video:one"}
    till.charge(**asked)  # type: ignore[arg-type]  # named by the test
    before = make.books()

    with pytest.raises(till.ReferenceReused):
        till.charge(**(asked | other))  # type: ignore[arg-type]
    assert make.books() == before


def test_nobody_pays_for_their_own(alice: User) -> None:
    before = make.books()

    with pytest.raises(till.SelfPayment):
        make.charge(alice, alice)
    assert make.books() == before


@pytest.mark.parametrize("amount", [0, -5, till.MAX_DROPS + 1, 2**70])
def test_amounts_that_are_none_are_refused(alice: User, bob: User, amount: int) -> None:
    before = make.books()

    with pytest.raises(till.BadAmount):
        make.charge(bob, alice, amount)
    assert make.books() == before


def test_what_is_missing_is_said(alice: User, bob: User) -> None:
    caps.limit(bob, per_view=100 * make.COIN, per_day=100 * make.COIN)
    before = make.books()

    with pytest.raises(till.InsufficientFunds, match=r"2\.50 CLD is missing") as refused:
        make.charge(bob, alice, 1_250_000_000)
    assert (refused.value.available, refused.value.missing) == (10 * make.COIN, 250_000_000)
    assert make.books() == before


def test_one_view_may_not_cost_more_than_the_cap(alice: User, bob: User) -> None:
    caps.limit(bob, per_view=99, per_day=1000)
    before = make.books()

    with pytest.raises(till.OverViewCap):
        make.charge(bob, alice, 100)
    assert make.books() == before
    assert make.charge(bob, alice, 99).amount == 99


def test_the_days_cap_ends_at_midnight_utc(alice: User, bob: User) -> None:
    caps.limit(bob, per_view=100, per_day=150)
    with time_machine.travel(datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC), tick=False) as clock:
        make.charge(bob, alice, 100)
        before = make.books()
        with pytest.raises(till.OverDayCap) as refused:
            make.charge(bob, alice, 51)
        assert refused.value.charged_today == 100
        assert make.books() == before
        make.charge(bob, alice, 50)

        clock.shift(1)
        make.charge(bob, alice, 100)

    tab = Tab.objects.get(account=ledger.account_of(bob))
    assert (tab.charged, tab.charged_today, str(tab.day)) == (250, 100, "2026-11-24")


def test_the_obstacle_before_the_click_is_the_refusal_after_it(alice: User, bob: User) -> None:
    caps.limit(bob, per_view=99, per_day=1000)

    assert isinstance(limits.obstacle(bob, 100), till.OverViewCap)
    assert isinstance(limits.obstacle(bob, 11 * make.COIN), till.InsufficientFunds)
    assert limits.obstacle(bob, 99) is None


def test_a_label_is_cut_and_cleaned_for_the_receipt(alice: User, bob: User) -> None:
    charge = make.charge(bob, alice, label="te[s]t\n\x00" + "x" * 200)

    assert charge.label.startswith("te[s]t  x")
    assert len(charge.label) == 120
    assert charge.label.endswith("…")


def test_orders_are_decided_in_the_order_they_came(alice: User, bob: User) -> None:
    caps.limit(bob, per_view=8 * make.COIN, per_day=100 * make.COIN)
    orders = [
        Order(bob, alice, 7 * make.COIN, "first", "video:one"),
        Order(bob, alice, 4 * make.COIN, "too much now", "video:two"),
        Order(bob, alice, 3 * make.COIN, "still fits", "video:three"),
        Order(bob, alice, 7 * make.COIN, "first", "video:one"),
    ]

    batch.settle(orders)

    assert isinstance(orders[1].outcome, till.InsufficientFunds)
    assert orders[0].result() == orders[3].result()
    assert orders[2].result().cumulative == 10 * make.COIN
    assert make.available(bob) == 0
    assert invariants.check() == []


def test_inside_a_transaction_the_charge_goes_with_it(alice: User, bob: User) -> None:
    before = make.books()

    with transaction.atomic():
        make.charge(bob, alice)
        transaction.set_rollback(True)
    assert make.books() == before


def test_many_orders_cost_as_many_statements_as_one(alice: User) -> None:
    viewers = User.objects.bulk_create(User(name=f"viewer-{number}") for number in range(40))
    for viewer in [alice, *viewers]:
        ledger.account_of(viewer)

    def statements(orders: list[Order]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            batch.settle(orders)
        assert all(isinstance(order.result(), Charge) for order in orders)
        return len(captured)

    statements([Order(viewers[0], alice, 5, "warm", "video:one")])
    one = statements([Order(viewers[0], alice, 5, "one", "video:one")])
    many = statements([Order(viewer, alice, 5, viewer.key, "video:one") for viewer in viewers])

    assert many == one <= 11
    assert Account.objects.filter(held__gt=0).count() == 40

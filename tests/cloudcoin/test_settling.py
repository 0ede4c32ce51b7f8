"""Roll-ups settle what was charged; refunds give all of it back."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.cloudcoin import make
from wetube.cloudcoin import charges, income, invariants, ledger, refunds, rollup, tasks
from wetube.cloudcoin.models import Account, Charge, Journal, Refund, Rollup
from wetube.people.models import User

pytestmark = pytest.mark.django_db


def test_a_rollup_is_one_journal_with_each_payees_sum(alice: User, bob: User, carol: User) -> None:
    for payer in (bob, carol, bob):
        make.charge(payer, alice, 1_000_003)

    tasks.roll_up()

    journal = Journal.objects.get(kind="rollup")
    legs = {(entry.account.kind, entry.amount) for entry in journal.entries.all()}
    assert legs == {
        ("person", -2_000_006),
        ("person", -1_000_003),
        ("person", 3 * (1_000_003 - 200_000 - 100_000)),
        ("nodes", 600_000),
        ("gateway", 300_000),
    }
    assert ledger.account_of(bob).held == 0
    assert rollup.roll_up() == 0
    assert invariants.check() == []


def test_who_pays_and_earns_in_one_rollup_has_a_leg_for_each(alice: User, bob: User) -> None:
    make.charge(bob, alice, 700)
    make.charge(alice, bob, 1000)

    rollup.roll_up()

    assert make.available(alice) == 10 * make.COIN + 490 - 1000
    assert make.available(bob) == 10 * make.COIN + 700 - 700
    assert invariants.check() == []


def test_a_drop_too_small_to_split_is_the_creators(alice: User, bob: User) -> None:
    charge = make.charge(bob, alice, 1)

    rollup.roll_up()

    assert (charge.payee_share, charge.nodes_share, charge.gateway_share) == (1, 0, 0)
    assert invariants.check() == []


def test_a_rollup_costs_the_same_for_many_charges(alice: User, bob: User) -> None:
    def statements(count: int) -> int:
        for _ in range(count):
            make.charge(bob, alice, 10)
        with CaptureQueriesContext(connection) as captured:
            assert rollup.roll_up() == count
        return len(captured)

    statements(1)
    assert statements(30) == statements(2)


def test_a_long_line_is_settled_in_several_journals(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollup, "MOST_AT_ONCE", 3)
    for _ in range(7):
        make.charge(bob, alice, 10)

    assert rollup.roll_up() == 7
    assert Rollup.objects.count() == 3
    assert invariants.check() == []


@pytest.mark.parametrize("settled", [False, True])
def test_a_refund_gives_back_every_drop(alice: User, bob: User, settled: bool) -> None:
    ledger.account_of(alice)
    charge = make.charge(bob, alice, 1_234_567)
    if settled:
        rollup.roll_up()

    refund = refunds.refund(charge, reason="did not play")

    assert refunds.refund(charge, reason="again") == refund
    assert make.available(bob) == make.available(alice) == 10 * make.COIN
    assert {ledger.house(kind).balance for kind in (Account.Kind.NODES, Account.Kind.GATEWAY)} == {
        0
    }
    assert income.of(alice).total == 0
    assert ledger.account_of(bob).tab.charged_today == 0
    assert invariants.check() == []


def test_the_gateway_covers_what_the_creator_spent(
    alice: User, bob: User, carol: User, settings: Settings
) -> None:
    settings.DEMO_GRANT_DROPS = 0
    ledger.account_of(alice)
    settings.DEMO_GRANT_DROPS = 10 * make.COIN
    for number in range(9):
        make.charge(carol, bob, make.COIN // 2, reference=f"gateway earns {number}")
    rollup.roll_up()
    charge = make.charge(bob, alice, 1000)
    rollup.roll_up()
    ledger.transfer(
        payer=ledger.account_of(alice), payee=ledger.account_of(carol), amount=650, reference="gone"
    )
    before, earned = make.available(bob), ledger.house(Account.Kind.GATEWAY).balance

    refund = refunds.refund(charge, reason="did not play")

    assert refund.covered == 650
    assert make.available(bob) == before + 1000
    assert make.available(alice) == 0
    assert ledger.house(Account.Kind.GATEWAY).balance == earned - 100 - 650
    assert invariants.check() == []


def test_a_refund_nobody_can_cover_changes_nothing(
    alice: User, bob: User, carol: User, settings: Settings
) -> None:
    settings.DEMO_GRANT_DROPS = 0
    ledger.account_of(alice)
    settings.DEMO_GRANT_DROPS = 10 * make.COIN
    charge = make.charge(bob, alice, 1000)
    rollup.roll_up()
    ledger.transfer(
        payer=ledger.account_of(alice), payee=ledger.account_of(carol), amount=650, reference="gone"
    )
    before = make.books()

    with pytest.raises(refunds.InsufficientFunds):
        refunds.refund(charge, reason="did not play")
    assert make.books() == before
    assert not Refund.objects.exists()


def test_paid_lets_in_for_its_hours_and_until_a_refund(
    alice: User, bob: User, settings: Settings
) -> None:
    settings.PAID_HOURS = 24
    with time_machine.travel(datetime(2026, 11, 1, tzinfo=UTC), tick=False) as clock:
        charge = make.charge(bob, alice)
        assert charges.paid(user=bob, subject="video:one") == charge
        assert charges.paid(user=bob, subject="video:two") is None
        assert charges.paid(user=alice, subject="video:one") is None
        clock.shift(24 * 3600 + 1)
        assert charges.paid(user=bob, subject="video:one") is None

        again = make.charge(bob, alice)
        refunds.refund(again, reason="did not play")
        assert charges.paid(user=bob, subject="video:one") is None


def test_income_shows_at_once_and_by_day_month_and_video(alice: User, bob: User) -> None:
    with time_machine.travel(datetime(2026, 10, 31, 12, tzinfo=UTC), tick=False) as clock:
        make.charge(bob, alice, 1000, subject="video:one", label="Old name")
        rollup.roll_up()
        clock.move_to(datetime(2026, 11, 2, 12, tzinfo=UTC))
        make.charge(bob, alice, 100, subject="video:one", label="New name")
        clock.move_to(datetime(2026, 11, 3, 12, tzinfo=UTC))
        make.charge(bob, alice, 10, subject="video:two", label="Two")

        now = income.of(alice)
        rows = income.earners(alice)

    assert (now.today, now.month, now.total, now.settling, now.views) == (7, 77, 777, 77, 3)
    assert [(row.label, row.today, row.month, row.total, row.views) for row in rows] == [
        ("New name", 0, 70, 770, 2),
        ("Two", 7, 7, 7, 1),
    ]
    assert income.by_subject(alice, ["video:two", "video:none"]) == {"video:two": 7}
    assert income.of(bob).total == 0


def test_a_receipt_names_every_drop(alice: User, bob: User) -> None:
    receipt = charges.receipt(make.charge(bob, alice, 999))

    assert [(leg.payee, leg.name, leg.amount) for leg in receipt.legs] == [
        ("creator", "alice", 999 - 199 - 99),
        ("nodes", "", 199),
        ("gateway", "", 99),
    ]
    assert sum(leg.percent for leg in receipt.legs) == 100
    assert Charge.objects.get() == receipt.charge

"""A check goes on where the last good one ended, and finds what is wrong from there on."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from tests.cloudcoin import make
from tests.cloudcoin.test_invariants import forge
from wetube.cloudcoin import checkpoints, invariants, refunds, rollup
from wetube.cloudcoin.findings import Broken, Since
from wetube.cloudcoin.models import Charge, Checkpoint, Journal
from wetube.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def checked(alice: User, bob: User) -> Charge:
    """Books with a settled and a refunded charge, found right, and more that came after."""
    first = make.charge(bob, alice, 1000)
    refunds.refund(make.charge(bob, alice, 2000), reason="did not play")
    check()
    make.charge(bob, alice, 3000)
    rollup.roll_up()
    make.charge(alice, bob, 500)
    return first


def check() -> list[Broken]:
    since = checkpoints.since()
    broken = invariants.check(since)
    checkpoints.keep(checkpoints.here(), began=since, broken=broken)
    return broken


def test_the_first_check_is_whole_and_the_next_goes_on(checked: Charge) -> None:
    since = checkpoints.since()
    assert since.journal > 0
    assert since.charge > checked.pk

    assert check() == []

    assert list(Checkpoint.objects.order_by("pk").values_list("whole", flat=True)) == [True, False]
    assert checkpoints.since().journals == Journal.objects.count()
    assert check() == []


def test_what_is_wrong_since_then_is_found(checked: Charge) -> None:
    newest = Charge.objects.order_by("-pk")[1]
    forge(
        "UPDATE cloudcoin_charge SET amount = amount + 1, payee_share = payee_share + 1 "
        f"WHERE id = {newest.pk}"
    )
    entry = Journal.objects.order_by("-pk")[0].entries.order_by("pk")[0]
    forge(f"UPDATE cloudcoin_entry SET amount = amount - 7 WHERE id = {entry.pk}")

    found = {broken.invariant for broken in check()}

    assert {"I1", "I2", "I5", "I7", "I12"} <= found
    assert Checkpoint.objects.count() == 1


def test_a_forged_balance_is_found_though_its_entries_are_old(checked: Charge) -> None:
    account = checked.tab.account_id
    forge(f"UPDATE cloudcoin_account SET balance = balance + 5 WHERE id = {account}")

    assert {broken.invariant for broken in check()} == {"I2"}


def test_old_journals_are_looked_at_again_after_a_week(checked: Charge) -> None:
    journal = Journal.objects.get(kind="refund")
    forge(f"UPDATE cloudcoin_journal SET reference = 'forged' WHERE id = {journal.pk}")
    assert check() == []

    Checkpoint.objects.update(at=timezone.now() - timedelta(days=8))

    assert checkpoints.since() == Since()
    assert {broken.invariant for broken in check()} == {"I12"}


def test_the_command_can_begin_at_the_first_journal(checked: Charge) -> None:
    journal = Journal.objects.get(kind="refund")
    forge(f"UPDATE cloudcoin_journal SET reference = 'forged' WHERE id = {journal.pk}")
    call_command("ledger", "check")

    with pytest.raises(CommandError, match="wrong in"):
        call_command("ledger", "check", "--all")

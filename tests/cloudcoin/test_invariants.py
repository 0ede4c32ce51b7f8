"""A forged row is found, and named."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from tests.cloudcoin import make
from wetube.cloudcoin import invariants, ledger, refunds, rollup
from wetube.cloudcoin.invariants import Broken
from wetube.cloudcoin.models import Charge, Journal
from wetube.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(alice: User, bob: User) -> Charge:
    """A settled charge, a refunded one and one that waits."""
    settled = make.charge(bob, alice, 1000)
    refunds.refund(make.charge(bob, alice, 2000), reason="did not play")
    make.charge(bob, alice, 3000)
    return settled


def forge(*statements: str) -> None:
    """Write past the guards, as somebody with the database's own keys could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET session_replication_role = replica")
            for statement in statements:
                cursor.execute(statement)
            cursor.execute("SET session_replication_role = origin")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = cursor.fetchall()
        for name, _ in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            cursor.execute(statement)
        for _, guard in guards:
            cursor.execute(guard)


def broken() -> set[tuple[str, str]]:
    return {(finding.invariant, finding.row) for finding in invariants.check()}


def test_right_books_are_right(history: Charge) -> None:
    assert broken() == set()


def test_an_entry_changed_breaks_its_journal_its_account_and_the_chain(history: Charge) -> None:
    journal = Journal.objects.get(kind="refund")
    entry = journal.entries.get(amount=2000)
    forge(f"UPDATE cloudcoin_entry SET amount = 2001 WHERE id = {entry.pk}")

    row = f"journal {journal.reference}"
    assert broken() == {
        ("I1", row),
        ("I2", str(entry.account)),
        ("I7", f"refund of charge {journal.refund.charge.key}"),
        ("I12", row),
    }


def test_a_balance_changed_is_found(bob: User, history: Charge) -> None:
    account = ledger.account_of(bob)
    forge(f"UPDATE cloudcoin_account SET balance = balance + 5 WHERE id = {account.pk}")

    assert broken() == {("I2", "all accounts"), ("I2", str(account))}


def test_held_coin_that_no_charge_explains_is_found(bob: User, history: Charge) -> None:
    account = ledger.account_of(bob)
    forge(f"UPDATE cloudcoin_account SET held = held + 5 WHERE id = {account.pk}")

    assert broken() == {("I3", str(account))}


def test_a_tab_that_counts_otherwise_is_found(bob: User, history: Charge) -> None:
    account = ledger.account_of(bob)
    forge(f"UPDATE cloudcoin_tab SET charged = charged + 1 WHERE account_id = {account.pk}")

    assert broken() == {("I5", f"tab of {account}")}


def test_a_settled_charge_made_bigger_is_found(bob: User, history: Charge) -> None:
    forge(
        "UPDATE cloudcoin_charge SET amount = amount + 4, payee_share = payee_share + 4 "
        f"WHERE id = {history.pk}"
    )

    found = broken()
    assert ("I7", f"journal rollup:{history.pk}-{history.pk + 1}") in found
    assert ("I7", f"charge {history.key}") not in found
    assert ("I5", f"tab of {ledger.account_of(bob)}") in found
    assert ("I5", f"charge {history.key}") in found


def test_a_split_against_the_rate_card_is_found(history: Charge) -> None:
    forge(
        "UPDATE cloudcoin_charge SET nodes_share = nodes_share - 1, payee_share = payee_share + 1 "
        f"WHERE id = {history.pk}"
    )

    assert ("I7", f"charge {history.key}") in broken()


def test_a_missing_end_of_the_chain_is_found(history: Charge) -> None:
    forge("UPDATE cloudcoin_book SET journals = journals + 1")

    assert broken() == {("I12", "the book")}


def test_a_renamed_journal_is_found(history: Charge) -> None:
    journal = Journal.objects.get(kind="refund")
    forge(f"UPDATE cloudcoin_journal SET reference = 'forged' WHERE id = {journal.pk}")

    assert broken() == {("I12", "journal forged")}


def test_guards_taken_away_are_missed(history: Charge) -> None:
    table = " ON cloudcoin_entry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"DROP TRIGGER cloudcoin_entry_no_update{table}")

    assert broken() == {("I12", "the database")}


@pytest.mark.usefixtures("shared_books")
def test_a_connection_not_yet_open_checks_too(alice: User, bob: User) -> None:
    """As `manage.py ledger check` finds it; a thread begins with a new one."""
    make.charge(bob, alice, 1000)

    def check() -> list[Broken]:
        return invariants.check()

    assert make.together(check) == [[]]


def test_the_command_says_that_all_is_well(
    history: Charge, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("ledger", "check")

    said = capsys.readouterr().out
    assert "The books are right: 4 journals, 3 charges, 1 to settle" in said


def test_the_command_fails_and_names_the_rows(
    bob: User, history: Charge, capsys: pytest.CaptureFixture[str]
) -> None:
    account = ledger.account_of(bob)
    forge(f"UPDATE cloudcoin_account SET balance = balance + 5 WHERE id = {account.pk}")

    with pytest.raises(CommandError, match="wrong in 2 places"):
        call_command("ledger", "check")
    assert f"I2 person account {account.key}: holds" in capsys.readouterr().err


def test_the_command_settles_and_lists(history: Charge, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("ledger", "rollup")
    call_command("ledger", "accounts")

    said = capsys.readouterr().out
    assert "Settled 1 charges." in said
    assert "bob" in said
    assert rollup.roll_up() == 0
    assert "10.000028 CLD" in said

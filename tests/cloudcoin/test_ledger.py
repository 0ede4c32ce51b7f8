"""Coin is moved, never made or lost, and what is written stays."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from pytest_django import Settings

from tests.cloudcoin import make
from wetube.cloudcoin import invariants, ledger, rollup
from wetube.cloudcoin.guarded import MoneyRowsStay
from wetube.cloudcoin.models import Account, Charge, Entry, Journal, Tab
from wetube.people.models import User

pytestmark = pytest.mark.django_db


def test_a_newcomer_gets_the_grant_once(alice: User, settings: Settings) -> None:
    first, second = ledger.account_of(alice), ledger.account_of(alice)

    assert first == second
    assert first.balance == settings.DEMO_GRANT_DROPS
    assert ledger.house(Account.Kind.ISSUANCE).balance == -settings.DEMO_GRANT_DROPS
    assert Journal.objects.count() == 1
    assert Tab.objects.get().account == first


def test_without_a_grant_an_account_opens_empty(alice: User, settings: Settings) -> None:
    settings.DEMO_GRANT_DROPS = 0

    assert ledger.account_of(alice).balance == 0
    assert not Journal.objects.exists()


def test_a_transfer_moves_coin_once_per_reference(alice: User, bob: User) -> None:
    payer, payee = ledger.account_of(bob), ledger.account_of(alice)

    first = ledger.transfer(payer=payer, payee=payee, amount=7, reference="gift")
    again = ledger.transfer(payer=payer, payee=payee, amount=7, reference="gift")

    assert first == again
    assert make.available(alice) - make.available(bob) == 14
    assert invariants.check() == []


def test_a_reference_names_one_move(alice: User, bob: User) -> None:
    payer, payee = ledger.account_of(bob), ledger.account_of(alice)
    ledger.transfer(payer=payer, payee=payee, amount=7, reference="gift")
    before = make.books()

    with pytest.raises(ledger.ReferenceReused):
        ledger.transfer(payer=payer, payee=payee, amount=8, reference="gift")
    assert make.books() == before


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_are_not_moved(alice: User, bob: User, amount: int) -> None:
    payer, payee = ledger.account_of(bob), ledger.account_of(alice)
    before = make.books()

    with pytest.raises(ledger.BadAmount):
        ledger.transfer(payer=payer, payee=payee, amount=amount, reference="gift")
    assert make.books() == before


def test_nobody_gives_what_they_do_not_hold(alice: User, bob: User) -> None:
    payer, payee = ledger.account_of(bob), ledger.account_of(alice)
    before = make.books()

    with pytest.raises(ledger.InsufficientFunds) as refused:
        ledger.transfer(payer=payer, payee=payee, amount=payer.balance + 3, reference="gift")
    assert refused.value.missing == 3
    assert make.books() == before


def test_what_is_held_for_charges_cannot_be_given_away(alice: User, bob: User) -> None:
    make.charge(bob, alice, make.COIN)
    payer, payee = ledger.account_of(bob), ledger.account_of(alice)

    with pytest.raises(ledger.InsufficientFunds):
        ledger.transfer(payer=payer, payee=payee, amount=payer.balance, reference="gift")


@pytest.mark.parametrize("amounts", [(1, -2), (5, 0, -5), (3,)])
def test_legs_that_do_not_balance_are_refused(alice: User, amounts: tuple[int, ...]) -> None:
    account = ledger.account_of(alice)
    before = make.books()

    with pytest.raises(ledger.Unbalanced):
        ledger.post(
            reference="odd",
            kind=Journal.Kind.TRANSFER,
            entries=[(account, amount) for amount in amounts],
        )
    assert make.books() == before


def test_money_rows_refuse_to_change_from_python(alice: User, bob: User) -> None:
    charge = make.charge(bob, alice)
    rollup.roll_up()
    before = make.books()
    tab, account = Tab.objects.get(pk=charge.tab_id), ledger.account_of(bob)

    for rewrite in (
        charge.save,
        charge.delete,
        account.save,
        account.delete,
        tab.delete,
        Journal.objects.all().delete,
        Charge.objects.all().delete,
        lambda: Charge.objects.update(amount=1),
        lambda: Entry.objects.update(amount=1),
        lambda: Account.objects.update(balance=1),
        lambda: Tab.objects.update(charged=0),
        lambda: Charge.objects.bulk_update([charge], ["amount"]),
    ):
        with pytest.raises(MoneyRowsStay):
            rewrite()
    assert make.books() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cloudcoin_journal SET reference = 'forged'",
        "DELETE FROM cloudcoin_journal",
        "UPDATE cloudcoin_entry SET amount = amount + 1",
        "DELETE FROM cloudcoin_entry",
        "DELETE FROM cloudcoin_charge",
        "DELETE FROM cloudcoin_rollup",
        "UPDATE cloudcoin_rollup SET first = 1000",
        "UPDATE cloudcoin_ratecard SET nodes_ppm = 0",
        "UPDATE cloudcoin_charge SET rollup_id = NULL",
        "UPDATE cloudcoin_charge SET subject = 'video:other'",
        "UPDATE cloudcoin_account SET balance = -1 WHERE kind = 'person'",
        "UPDATE cloudcoin_account SET held = -1",
    ],
)
def test_the_database_refuses_to_rewrite_the_books(alice: User, bob: User, statement: str) -> None:
    make.charge(bob, alice)
    rollup.roll_up()
    before = make.books()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert make.books() == before


def test_a_charge_takes_its_rollup_and_nothing_else(alice: User, bob: User) -> None:
    make.charge(bob, alice)
    forged = "UPDATE cloudcoin_charge SET rollup_id = 1, amount = 1, payee_share = 1"

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(forged)
    assert rollup.roll_up() == 1


def test_who_leaves_leaves_the_books_whole(alice: User, bob: User) -> None:
    charge = make.charge(bob, alice)
    account = ledger.account_of(bob)

    bob.delete()

    left = Account.objects.get(pk=account.pk)
    assert (left.owner, left.held) == (None, make.PRICE)
    assert Charge.objects.get() == charge
    assert invariants.check() == []


def test_an_account_with_entries_cannot_be_taken_from_under_them(alice: User) -> None:
    account = ledger.account_of(alice)

    with pytest.raises(ProtectedError):
        Account._base_manager.filter(pk=account.pk).delete()
    assert Account.objects.filter(pk=account.pk).exists()


def test_opening_and_finding_an_account_cost_what_they_cost(
    alice: User, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    ledger.account_of(alice)
    with django_assert_num_queries(1):  # type: ignore[operator]  # a context manager of pytest-django
        ledger.account_of(alice)

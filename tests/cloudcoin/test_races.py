"""Many hands at once: each coin is spent once, and everybody gets an answer."""

import asyncio
import threading
from functools import partial

import pytest
from django.db import connection, connections

from tests.cloudcoin import make
from wetube.cloudcoin import batch, caps, invariants, ledger, refunds, rollup, till
from wetube.cloudcoin.batch import Order
from wetube.cloudcoin.models import Account, Charge, Journal, Refund, Rollup
from wetube.people.models import User

pytestmark = pytest.mark.usefixtures("shared_books")

HANDS = 12


def test_the_same_charge_at_once_is_one_charge(alice: User, bob: User) -> None:
    calls = [partial(make.charge, bob, alice, reference="view:1")] * HANDS

    answers = make.together(*calls)

    assert answers == [Charge.objects.get()] * HANDS
    assert ledger.account_of(bob).held == make.PRICE
    assert invariants.check() == []


def test_a_crowd_shares_commits_and_nobody_is_lost(alice: User) -> None:
    threads = threading.active_count()
    viewers = [User.objects.create(name=f"viewer-{number}") for number in range(HANDS)]

    answers = make.together(*(partial(make.charge, viewer, alice) for viewer in viewers))

    assert {type(answer) for answer in answers} == {Charge}
    assert Charge.objects.count() == HANDS
    assert threading.active_count() <= threads
    assert invariants.check() == []


def test_a_balance_is_spent_once(alice: User, bob: User) -> None:
    caps.limit(bob, per_view=4 * make.COIN, per_day=100 * make.COIN)

    answers = make.together(*[partial(make.charge, bob, alice, 4 * make.COIN)] * HANDS)

    assert [type(answer) for answer in answers].count(Charge) == 2
    assert {type(answer) for answer in answers} == {Charge, till.InsufficientFunds}
    assert make.available(bob) == 2 * make.COIN
    assert invariants.check() == []


def test_a_day_is_capped_once(alice: User, bob: User) -> None:
    caps.limit(bob, per_view=10, per_day=35)

    answers = make.together(*[partial(make.charge, bob, alice, 10)] * HANDS)

    assert [type(answer) for answer in answers].count(Charge) == 3
    assert {type(answer) for answer in answers} == {Charge, till.OverDayCap}


def test_a_wallet_opened_twice_at_once_is_one_wallet_with_one_grant(alice: User) -> None:
    answers = make.together(*[partial(ledger.account_of, alice)] * HANDS)

    assert answers == [Account.objects.get(owner=alice)] * HANDS
    assert Journal.objects.count() == 1


def test_first_charges_open_every_wallet_at_once(alice: User, bob: User, carol: User) -> None:
    people = (alice, bob, carol)
    pairs = [(payer, payee) for payer in people for payee in people if payer != payee]

    answers = make.together(*(partial(make.charge, *pair) for pair in pairs))

    assert {type(answer) for answer in answers} == {Charge}
    assert Journal.objects.count() == 3
    assert invariants.check() == []


def test_charges_go_on_while_they_are_rolled_up(alice: User, bob: User, carol: User) -> None:
    def spend(payer: User) -> int:
        return len([make.charge(payer, alice, 1000) for _ in range(20)])

    def settle() -> int:
        return sum(rollup.roll_up() for _ in range(15))

    answers = make.together(partial(spend, bob), partial(spend, carol), settle, settle)
    rollup.roll_up()

    assert answers[:2] == [20, 20]
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert not Charge.objects.unsettled().exists()
    assert make.available(alice) - 10 * make.COIN == 40 * 700
    assert invariants.check() == []


def test_a_rollup_twice_at_once_posts_once(alice: User, bob: User) -> None:
    for _ in range(5):
        make.charge(bob, alice)

    answers = make.together(*[rollup.roll_up] * 4)

    assert sorted(answers, key=str) == [0, 0, 0, 5]
    assert Rollup.objects.count() == 1
    assert invariants.check() == []


def test_a_refund_twice_at_once_is_one_refund(alice: User, bob: User) -> None:
    charge = make.charge(bob, alice)

    answers = make.together(*[partial(refunds.refund, charge, reason="did not play")] * 4)

    assert answers == [Refund.objects.get()] * 4
    assert make.available(bob) == 10 * make.COIN
    assert invariants.check() == []


def test_opposite_transfers_do_not_lock_each_other_out(alice: User, bob: User) -> None:
    one, other = ledger.account_of(alice), ledger.account_of(bob)

    def give(payer: Account, payee: Account, name: str) -> int:
        for number in range(15):
            ledger.transfer(payer=payer, payee=payee, amount=3, reference=f"{name}:{number}")
        return 15

    there, back = partial(give, one, other, "there"), partial(give, other, one, "back")

    assert make.together(there, back) == [15, 15]
    assert make.available(alice) == make.available(bob) == 10 * make.COIN


def test_charges_refunds_and_transfers_meet_without_deadlock(
    alice: User, bob: User, carol: User
) -> None:
    people = (alice, bob, carol)

    def live(me: int) -> int:
        payer, payee = people[me], people[(me + 1) % 3]
        for number in range(6):
            charge = make.charge(payer, payee, 1000)
            if number % 2:
                refunds.refund(charge, reason="did not play")
            accounts = ledger.account_of(payer), ledger.account_of(payee)
            ledger.transfer(
                payer=accounts[0], payee=accounts[1], amount=5, reference=f"{me}:{number}"
            )
        return me

    assert make.together(*(partial(live, me) for me in range(3))) == [0, 1, 2]
    assert invariants.check() == []


def test_callers_on_an_event_loop_share_the_commit(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The loop's own threads end with it; their connections must not outlive them.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)

    async def crowd() -> list[Charge]:
        return await asyncio.gather(
            *(
                till.charge_async(
                    payer=bob, payee=alice, amount=7, reference=f"a:{n}", subject="video:one"
                )
                for n in range(20)
            )
        )

    charges = asyncio.run(crowd())

    assert len({charge.pk for charge in charges}) == 20
    assert ledger.account_of(bob).held == 140


def test_a_poisoned_order_fails_alone(alice: User, bob: User, carol: User) -> None:
    gone = User(pk=10**12, name="nobody")
    good = [Order(bob, alice, 5, f"good {number}", "video:one") for number in range(5)]
    bad = Order(gone, alice, 5, "bad", "video:one")
    worse = Order(carol, alice, 5, "worse" * 100, "video:\ud800")

    batch.settle([*good[:2], bad, *good[2:], worse])

    assert {order.result().amount for order in good} == {5}
    assert isinstance(bad.outcome, Exception)
    assert isinstance(worse.outcome, Exception)
    assert "foreign key" in str(bad.outcome).lower()
    assert Charge.objects.count() == 5
    assert ledger.account_of(bob).held == 25


def test_a_lost_connection_is_taken_up_again(alice: User, bob: User) -> None:
    make.charge(bob, alice)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, pytest.raises(Exception, match="terminat"):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    else:
        connection.close()

    assert make.charge(bob, alice).cumulative == 2 * make.PRICE

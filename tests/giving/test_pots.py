"""A pot is set, changed, paused and stopped; what is over stays as it was."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from wetube.cloudcoin.refusals import BadAmount
from wetube.giving import pots
from wetube.giving.models import Pot, PotExclusion, PotMonth
from wetube.giving.refusals import TooMuch
from wetube.people import farewell
from wetube.people.models import Channel, User

OCTOBER = datetime(2026, 10, 20, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 2, tzinfo=UTC)


def months() -> list[tuple[str, str, int]]:
    return [(row.name, row.state, row.amount) for row in PotMonth.objects.order_by("month")]


def test_a_pot_begins_with_the_running_month(bob: User) -> None:
    with time_machine.travel(OCTOBER):
        pot = pots.fill(bob, amount=5)

    assert (pot.amount, pot.state) == (5, Pot.State.ON)
    assert months() == [("2026-10", "open", 5)]
    assert PotMonth.objects.get().month == date(2026, 10, 1)


def test_a_new_amount_counts_from_the_running_month_on(bob: User) -> None:
    with time_machine.travel(OCTOBER) as clock:
        pots.fill(bob, amount=5)
        pots.fill(bob, amount=7)
        clock.move_to(NOVEMBER)
        pots.fill(bob, amount=9)

    assert months() == [("2026-10", "open", 7), ("2026-11", "open", 9)]


@pytest.mark.parametrize(
    ("amount", "refusal"), [(0, BadAmount), (-1, BadAmount), (pots.MOST + 1, TooMuch)]
)
def test_no_pot_and_too_much_are_refused(
    pot: Pot, bob: User, amount: int, refusal: type[Exception]
) -> None:
    before = months()

    with pytest.raises(refusal):
        pots.fill(bob, amount=amount)

    pot.refresh_from_db()
    assert pot.amount == 2 * 10**8
    assert months() == before


def test_a_month_that_ends_in_a_pause_is_left_out(bob: User) -> None:
    with time_machine.travel(OCTOBER) as clock:
        pot = pots.fill(bob, amount=5)
        pots.pause(pot)
        pots.fill(bob, amount=6)
        clock.move_to(NOVEMBER)
        pots.resume(pot)
        pots.month_now(pot)

    assert months() == [("2026-10", "paused", 5), ("2026-11", "open", 6)]


def test_a_pause_within_a_month_leaves_the_month_in(pot: Pot, bob: User) -> None:
    pots.pause(pot)
    pots.fill(bob, amount=3)
    pots.resume(pot)

    assert [(state, amount) for _name, state, amount in months()] == [("open", 3)]


def test_a_stopped_pot_owes_nothing_for_its_month_and_keeps_what_is_over(bob: User) -> None:
    with time_machine.travel(OCTOBER) as clock:
        pot = pots.fill(bob, amount=5)
        clock.move_to(NOVEMBER)
        pots.month_now(pot)
        pots.stop(pot)

    assert months() == [("2026-10", "open", 5)]
    assert pot.state == Pot.State.STOPPED


def test_a_stopped_pot_begins_anew(pot: Pot, bob: User) -> None:
    pots.stop(pot)

    again = pots.fill(bob, amount=4)

    assert (again.pk, again.state) == (pot.pk, Pot.State.ON)
    assert [(state, amount) for _name, state, amount in months()] == [("open", 4)]


def test_leaving_out_and_taking_in_may_be_said_twice(pot: Pot, channel: Channel) -> None:
    pots.exclude(pot, channel)
    pots.exclude(pot, channel)
    assert PotExclusion.objects.count() == 1

    pots.include(pot, channel)
    pots.include(pot, channel)
    assert not PotExclusion.objects.exists()


def test_a_pot_goes_with_its_owner(pot: Pot, bob: User) -> None:
    farewell.leave(bob)

    assert not Pot.objects.exists()
    assert not PotMonth.objects.exists()

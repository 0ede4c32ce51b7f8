"""A month's end: exact to the drop, once, whatever dies and however many workers try."""

from datetime import UTC, date, datetime, timedelta
from unittest import mock

import pytest
import time_machine
from django.db import OperationalError
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests import make
from tests.cloudcoin import make as coin
from wetube.cloudcoin import batch, caps, invariants, ledger, purses, rollup
from wetube.cloudcoin.models import Charge
from wetube.cloudcoin.purses import Purse
from wetube.giving import pots, spreading
from wetube.giving.models import Attention, Pot, PotMonth
from wetube.giving.refusals import NotOver
from wetube.people import channels
from wetube.people.models import Channel, User

COIN = coin.COIN
LAST = (pots.first_day() - timedelta(days=1)).replace(day=1)


def watched(pot: Pot, *seconds: tuple[Channel, int], month: date = LAST) -> PotMonth:
    """A month of this pot in which so much was watched."""
    row, _ = PotMonth.objects.get_or_create(pot=pot, month=month, defaults={"amount": pot.amount})
    Attention.objects.bulk_create(
        [Attention(month=row, channel=channel, seconds=number) for channel, number in seconds]
    )
    return row


def given_to() -> dict[str, int]:
    pot = Charge.objects.filter(kind=Charge.Kind.POT)
    return dict(pot.values_list("label", "amount"))


def test_a_pot_is_spread_by_seconds(pot: Pot, bob: User, channel: Channel, hers: Channel) -> None:
    month = watched(pot, (channel, 200), (hers, 100))

    assert spreading.spread_due() == 1

    month.refresh_from_db()
    assert given_to() == {"alices-films": 133_333_333, "carols-films": 66_666_667}
    assert (month.state, month.spent, month.seconds, month.channels) == ("spread", 2 * COIN, 300, 2)
    assert coin.available(bob) == 8 * COIN
    assert not Attention.objects.filter(month=month).exists()
    rollup.roll_up()
    assert invariants.check() == []


def test_a_second_round_finds_nothing_to_do(pot: Pot, channel: Channel) -> None:
    month = watched(pot, (channel, 9))
    spreading.spread(month)
    before = coin.books()

    assert spreading.spread(month) is None
    assert spreading.spread_due() == 0
    assert coin.books() == before


def test_workers_at_once_spread_once(shared_books: None) -> None:
    bob, alice = User.objects.create(name="bob"), User.objects.create(name="alice")
    pot = pots.fill(bob, amount=COIN)
    month = watched(pot, *((make.channel(alice), number) for number in range(1, 6)))

    answers = coin.together(*[lambda: spreading.spread(month)] * 5)

    assert [type(answer) for answer in answers if answer is not None] == [PotMonth]
    assert sum(given_to().values()) == COIN
    assert coin.available(bob) == 9 * COIN
    assert invariants.check() == []


def test_a_worker_that_dies_half_way_leaves_nothing_and_the_next_does_all(
    pot: Pot, bob: User, channel: Channel, hers: Channel
) -> None:
    month = watched(pot, (channel, 1), (hers, 1))
    for person in (bob, channel.owner, hers.owner):
        ledger.account_of(person)
    before, write = coin.books(), purses.write

    def dying(paying: "list[Purse]") -> None:
        write(paying)
        raise OperationalError("gone")

    with mock.patch.object(purses, "write", dying):
        assert spreading.spread_due() == 0
    assert coin.books() == before
    month.refresh_from_db()
    assert month.state == PotMonth.State.OPEN

    assert spreading.spread_due() == 1
    assert sum(given_to().values()) == 2 * COIN


def test_a_pot_that_fails_holds_up_no_other(
    pot: Pot, carol: User, bob: User, channel: Channel
) -> None:
    watched(pot, (channel, 1))
    other = watched(pots.fill(carol, amount=5), (channel, 1))
    commit = batch.commit

    def refusing(orders: "list[batch.Order]") -> None:
        if orders[0].payer == bob:
            raise OperationalError("not now")
        commit(orders)

    with mock.patch.object(batch, "commit", refusing):
        assert spreading.spread_due() == 1

    other.refresh_from_db()
    assert other.state == PotMonth.State.SPREAD


def test_a_short_balance_is_spread_in_proportion(
    pot: Pot, bob: User, channel: Channel, hers: Channel
) -> None:
    leave(bob, 7)
    month = watched(pot, (channel, 5), (hers, 2))

    spreading.spread(month)

    month.refresh_from_db()
    assert given_to() == {"alices-films": 5, "carols-films": 2}
    assert month.was_short
    assert coin.available(bob) == 0


def test_an_empty_balance_gives_nothing_and_ends_the_month(
    pot: Pot, bob: User, channel: Channel
) -> None:
    leave(bob, 0)
    month = watched(pot, (channel, 5))

    spreading.spread(month)

    month.refresh_from_db()
    assert (month.state, month.spent, month.was_short) == ("spread", 0, True)
    assert given_to() == {}


def test_nothing_watched_nothing_given(pot: Pot, bob: User) -> None:
    month = watched(pot)

    spreading.spread(month)

    month.refresh_from_db()
    assert (month.state, month.spent, month.was_short) == ("spread", 0, False)
    assert coin.available(bob) == 10 * COIN


def test_the_limits_for_views_do_not_hold_up_a_pot(pot: Pot, bob: User, channel: Channel) -> None:
    caps.limit(bob, per_view=1, per_day=1)

    spreading.spread(watched(pot, (channel, 5)))

    assert given_to() == {"alices-films": 2 * COIN}


def test_left_out_and_own_channels_get_nothing(
    pot: Pot, bob: User, channel: Channel, hers: Channel
) -> None:
    mine = make.channel(bob, "my-films")
    month = watched(pot, (channel, 5), (hers, 5), (mine, 50))
    pots.exclude(pot, hers)

    spreading.spread(month)

    assert given_to() == {"alices-films": 2 * COIN}


def test_a_channel_that_is_gone_leaves_its_part_to_the_others(
    pot: Pot, channel: Channel, hers: Channel
) -> None:
    month = watched(pot, (channel, 5), (hers, 5))
    channels.delete(hers)

    spreading.spread(month)

    assert given_to() == {"alices-films": 2 * COIN}


def test_two_channels_of_one_owner_are_two_charges(pot: Pot, alice: User, channel: Channel) -> None:
    spreading.spread(watched(pot, (channel, 1), (make.channel(alice, "alices-songs"), 1)))

    assert given_to() == {"alices-films": COIN, "alices-songs": COIN}


def test_a_running_month_is_not_spread(pot: Pot, channel: Channel) -> None:
    month = watched(pot, (channel, 5), month=pots.first_day())
    before = coin.books()

    with pytest.raises(NotOver):
        spreading.spread(month)

    assert spreading.spread_due() == 0
    assert coin.books() == before


def test_a_month_is_due_at_its_last_midnight_utc(pot: Pot, channel: Channel) -> None:
    watched(pot, (channel, 5), month=date(2026, 10, 1))

    with time_machine.travel(datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC), tick=False) as clock:
        assert spreading.due().count() == 0
        clock.shift(1)
        assert spreading.due().count() == 1


def test_a_paused_month_gives_nothing(pot: Pot, channel: Channel) -> None:
    month = watched(pot, (channel, 5))
    PotMonth.objects.filter(pk=month.pk).update(state=PotMonth.State.PAUSED)

    assert spreading.spread_due() == 0
    assert given_to() == {}


def test_months_that_were_missed_are_all_made_up_for(pot: Pot, channel: Channel) -> None:
    before = (LAST - timedelta(days=1)).replace(day=1)
    for month in (LAST, before):
        watched(pot, (channel, 5), month=month)

    assert spreading.spread_due() == 2
    assert Charge.objects.filter(kind=Charge.Kind.POT).count() == 2


def test_the_preview_is_what_would_happen(
    pot: Pot, bob: User, channel: Channel, hers: Channel
) -> None:
    watched(pot, (channel, 2), (hers, 1), month=pots.first_day())

    plan = spreading.preview(pot)

    assert [(part.channel, part.amount) for part in plan.portions] == [
        (channel, 133_333_333),
        (hers, 66_666_667),
    ]
    assert (plan.pool, plan.is_short, plan.seconds) == (2 * COIN, False, 3)
    leave(bob, COIN)
    assert spreading.preview(pot).is_short
    assert spreading.preview(pot).spent == COIN


def leave(user: User, drops: int) -> None:
    """Take all but so many drops from the person's balance."""
    somebody = ledger.account_of(User.objects.create(name="somebody"))
    mine = ledger.account_of(user)
    ledger.transfer(
        payer=mine, payee=somebody, amount=mine.available - drops, reference=f"left {drops}"
    )


class AnyMonth(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(
        amount=st.integers(1, 12 * COIN),
        seconds=st.lists(st.integers(0, 2_700_000), max_size=5),
        workers=st.integers(1, 3),
    )
    def test_costs_what_is_there_and_no_drop_more(
        self, amount: int, seconds: list[int], workers: int
    ) -> None:
        giver = User.objects.create()
        pot = pots.fill(giver, amount=amount)
        parts = [(make.channel(User.objects.create()), number) for number in seconds]
        month = watched(pot, *parts)

        for _worker in range(workers):
            spreading.spread(month)

        month.refresh_from_db()
        given = sum(given_to().values())
        assert given == month.spent == (min(amount, 10 * COIN) if any(seconds) else 0)
        assert coin.available(giver) == 10 * COIN - given
        assert invariants.check() == []

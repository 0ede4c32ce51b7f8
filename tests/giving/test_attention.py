"""Seconds watched: only for pots, never more than time that passed, never more than the film."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from time_machine import Traveller

from tests import make
from wetube.giving import attention, pots
from wetube.giving.models import Attention, Pot, PotMonth, PotViewing
from wetube.giving.refusals import NotNoted
from wetube.people.models import Channel, User

NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(NOON, tick=False) as travelling:
        yield travelling


@pytest.fixture
def pot(clock: Traveller, bob: User) -> Pot:
    return pots.fill(bob, amount=10**8)


def seconds() -> list[tuple[str, int]]:
    rows = Attention.objects.order_by("month__month", "channel")
    return [(f"{row.month.name} {row.channel.handle}", row.seconds) for row in rows]


def test_nothing_is_asked_of_those_without_a_pot(bob: User, channel: Channel) -> None:
    assert attention.slip(bob, channel, seconds=60) == ""
    assert attention.slip(AnonymousUser(), channel, seconds=60) == ""


def test_nothing_is_asked_about_one_s_own_films(pot: Pot, bob: User) -> None:
    assert attention.slip(bob, make.channel(bob), seconds=60) == ""


def test_seconds_add_up_by_channel(
    clock: Traveller, pot: Pot, bob: User, channel: Channel, hers: Channel
) -> None:
    for watched in (channel, hers, channel):
        said = attention.slip(bob, watched, seconds=600)
        clock.shift(20)
        assert attention.note(bob, said, 20) == 20

    assert seconds() == [("2026-10 alices-films", 40), ("2026-10 carols-films", 20)]


def test_a_report_never_says_more_than_passed(
    clock: Traveller, pot: Pot, bob: User, channel: Channel
) -> None:
    said = attention.slip(bob, channel, seconds=600)
    clock.shift(5)

    assert attention.note(bob, said, 60) == 5
    assert attention.note(bob, said, 60) == 0
    assert seconds() == [("2026-10 alices-films", 5)]


def test_two_films_at_once_share_the_time(
    clock: Traveller, pot: Pot, bob: User, channel: Channel, hers: Channel
) -> None:
    one = attention.slip(bob, channel, seconds=600)
    other = attention.slip(bob, hers, seconds=600)
    clock.shift(20)

    assert attention.note(bob, one, 20) + attention.note(bob, other, 20) == 20


def test_parts_of_a_second_are_not_lost(
    clock: Traveller, pot: Pot, bob: User, channel: Channel
) -> None:
    said = attention.slip(bob, channel, seconds=600)
    noted = 0
    for _report in range(10):
        clock.shift(1.5)
        noted += attention.note(bob, said, 2)

    assert noted == 15


def test_a_viewing_is_no_longer_than_its_film(
    clock: Traveller, pot: Pot, bob: User, channel: Channel
) -> None:
    said = attention.slip(bob, channel, seconds=29.5)
    for _round in range(4):
        clock.shift(20)
        attention.note(bob, said, 20)

    assert seconds() == [("2026-10 alices-films", 30)]
    assert PotViewing.objects.get().seconds == 30


def test_what_is_said_after_midnight_is_the_new_month_s(
    clock: Traveller, pot: Pot, bob: User, channel: Channel
) -> None:
    clock.move_to(datetime(2026, 10, 31, 23, 59, 40, tzinfo=UTC))
    said = attention.slip(bob, channel, seconds=600)
    clock.shift(19)
    attention.note(bob, said, 19)
    clock.shift(20)
    attention.note(bob, said, 20)

    assert seconds() == [("2026-10 alices-films", 19), ("2026-11 alices-films", 20)]
    assert PotMonth.objects.get(month="2026-11-01").amount == pot.amount


def test_a_pause_notes_nothing_and_counts_nothing_afterwards(
    clock: Traveller, pot: Pot, bob: User, channel: Channel
) -> None:
    said = attention.slip(bob, channel, seconds=600)
    pots.pause(pot)
    clock.shift(30)
    with pytest.raises(NotNoted):
        attention.note(bob, said, 30)
    assert attention.slip(bob, channel, seconds=600) == ""
    pots.resume(pot)
    clock.shift(4)

    assert attention.note(bob, said, 30) == 4


def test_a_channel_left_out_is_not_noted(
    clock: Traveller, pot: Pot, bob: User, channel: Channel
) -> None:
    said = attention.slip(bob, channel, seconds=600)
    pots.exclude(pot, channel)
    clock.shift(30)

    with pytest.raises(NotNoted):
        attention.note(bob, said, 30)
    assert seconds() == []


@pytest.mark.parametrize("wrong", [0, -5, 61, 10**9])
def test_a_report_of_nonsense_is_refused(
    clock: Traveller, pot: Pot, bob: User, channel: Channel, wrong: int
) -> None:
    said = attention.slip(bob, channel, seconds=600)
    clock.shift(100)

    with pytest.raises(NotNoted):
        attention.note(bob, said, wrong)
    assert seconds() == []


def test_slips_are_ours_fresh_and_their_holder_s(
    clock: Traveller, pot: Pot, bob: User, carol: User, channel: Channel
) -> None:
    said = attention.slip(bob, channel, seconds=600)
    pots.fill(carol, amount=1)
    clock.shift(30)
    for who, wrong in ((carol, said), (bob, said[:-1]), (bob, ""), (bob, "a:b:c")):
        with pytest.raises(NotNoted):
            attention.note(who, wrong, 10)
    clock.shift(24 * 3600)
    with pytest.raises(NotNoted):
        attention.note(bob, said, 10)

    assert seconds() == []


def test_stopping_forgets_what_was_noted(
    clock: Traveller, pot: Pot, bob: User, channel: Channel
) -> None:
    said = attention.slip(bob, channel, seconds=600)
    clock.shift(30)
    attention.note(bob, said, 30)

    pots.stop(pot)

    assert not Attention.objects.exists()
    assert not PotViewing.objects.exists()
    assert not PotMonth.objects.exists()


def test_viewings_are_forgotten_when_their_slips_are_void(
    clock: Traveller, pot: Pot, bob: User, channel: Channel
) -> None:
    said = attention.slip(bob, channel, seconds=600)
    clock.shift(30)
    attention.note(bob, said, 30)

    attention.forget()
    assert PotViewing.objects.count() == 1
    clock.shift(3 * 24 * 3600)
    attention.forget()

    assert not PotViewing.objects.exists()


class AnyReports(TestCase):
    """However a browser lies, its reports together say no more seconds than the clock."""

    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(st.tuples(st.floats(0, 90), st.integers(0, 2), st.integers(-2, 70)), max_size=15)
    )
    def test_never_exceed_the_clock(self, reports: list[tuple[float, int, int]]) -> None:
        giver, owner = User.objects.create(), User.objects.create()
        channel = make.channel(owner)
        with time_machine.travel(NOON, tick=False) as clock:
            pots.fill(giver, amount=1)
            slips = [attention.slip(giver, channel, seconds=100) for _ in range(3)]
            passed, noted = 0.0, [0, 0, 0]
            for pause, which, said in reports:
                clock.shift(pause)
                passed += pause
                try:
                    noted[which] += attention.note(giver, slips[which], said)
                except NotNoted:
                    assert not 0 < said <= attention.MOST_AT_ONCE

        assert sum(noted) <= passed
        assert max(noted) <= 101
        assert sum(Attention.objects.values_list("seconds", flat=True)) == sum(noted)

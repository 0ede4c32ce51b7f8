"""A tip is given once, within the giver's day, and taken back in time or not at all."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests import make
from tests.cloudcoin import make as coin
from wetube.cloudcoin import caps, invariants, ledger, rollup
from wetube.cloudcoin.models import Account, Charge
from wetube.cloudcoin.refusals import (
    BadAmount,
    ChargeRefused,
    InsufficientFunds,
    OverDayCap,
    ReferenceReused,
)
from wetube.giving import tips
from wetube.giving.models import Tip
from wetube.giving.occasions import Occasion
from wetube.giving.refusals import OwnChannel, SpentAlready, TooLateToUndo, TooMuch
from wetube.people import channels, farewell
from wetube.people.models import Channel, User

COIN = coin.COIN


def give(giver: User, channel: Channel, amount: int = COIN, reference: str = "one") -> Tip:
    return tips.give(giver, channel, amount=amount, reference=reference)


def test_a_tip_is_charged_and_split(bob: User, channel: Channel) -> None:
    tip = give(bob, channel, 3 * COIN)

    charge = tip.charge
    assert (charge.kind, charge.amount) == (Charge.Kind.TIP, 3 * COIN)
    assert charge.payee_share == 210_000_000
    assert charge.payee.owner == channel.owner
    assert coin.available(bob) == 7 * COIN
    assert invariants.check() == []


def test_words_and_name_go_along(bob: User, channel: Channel) -> None:
    film = Occasion("video:abc", "Storm at sea", "/watch/abc/")

    said = tips.Said("  well\ndone\u202e ", is_named=True, occasion=film)
    tip = tips.give(bob, channel, amount=COIN, reference="one", said=said)

    assert (tip.note, tip.is_named) == ("well done", True)
    assert (tip.occasion, tip.title) == ("video:abc", "Storm at sea")


def test_two_presses_are_one_tip(bob: User, channel: Channel) -> None:
    assert give(bob, channel) == give(bob, channel)

    assert Charge.objects.count() == 1
    assert coin.available(bob) == 9 * COIN


def test_a_press_repeated_at_the_end_of_the_day_s_limit_is_the_same_tip(
    bob: User, channel: Channel
) -> None:
    first = give(bob, channel, 5 * COIN)

    assert give(bob, channel, 5 * COIN) == first


def test_two_presses_at_once_are_one_tip(shared_books: None) -> None:
    bob, alice = User.objects.create(name="bob"), User.objects.create(name="alice")
    channel = make.channel(alice)
    for person in (alice, bob):
        ledger.account_of(person)

    answers = coin.together(*[lambda: give(bob, channel)] * 6)

    assert {getattr(answer, "pk", answer) for answer in answers} == {Tip.objects.get().pk}
    assert Charge.objects.count() == 1
    assert invariants.check() == []


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        (0, BadAmount),
        (-COIN, BadAmount),
        (5 * COIN + 1, OverDayCap),
        (tips.MOST + 1, TooMuch),
    ],
)
def test_what_is_refused_changes_nothing(
    bob: User, channel: Channel, amount: int, refusal: type[ChargeRefused]
) -> None:
    for person in (bob, channel.owner):
        ledger.account_of(person)
    before = coin.books()

    with pytest.raises(refusal):
        give(bob, channel, amount)

    assert coin.books() == before
    assert not Tip.objects.exists()


def test_more_than_there_is_is_refused(bob: User, channel: Channel) -> None:
    caps.limit(bob, per_view=COIN, per_day=100 * COIN)
    ledger.account_of(channel.owner)
    before = coin.books()

    with pytest.raises(InsufficientFunds):
        give(bob, channel, 11 * COIN)

    assert coin.books() == before
    assert not Tip.objects.exists()


def test_the_limit_for_a_view_is_not_for_tips_and_the_day_s_is(bob: User, channel: Channel) -> None:
    caps.limit(bob, per_view=1, per_day=2 * COIN)
    give(bob, channel, 2 * COIN)

    with pytest.raises(OverDayCap):
        give(bob, channel, 1, reference="two")

    assert Tip.objects.count() == 1


def test_nobody_tips_themselves(alice: User, channel: Channel) -> None:
    with pytest.raises(OwnChannel):
        give(alice, channel)

    assert not Charge.objects.exists()


def test_a_reference_stands_for_one_tip(bob: User, channel: Channel, hers: Channel) -> None:
    give(bob, channel)

    for to, amount in ((hers, COIN), (channel, 7)):
        with pytest.raises(ReferenceReused):
            give(bob, to, amount)

    assert coin.available(bob) == 9 * COIN


def test_others_may_use_the_same_reference(bob: User, carol: User, channel: Channel) -> None:
    assert give(bob, channel) != give(carol, channel)


def test_a_tip_is_taken_back_whole_and_once(bob: User, alice: User, channel: Channel) -> None:
    tip = give(bob, channel)

    assert tips.undo(tip) == tips.undo(tip)

    assert coin.available(bob) == 10 * COIN
    assert coin.available(alice) == 10 * COIN
    assert list(tips.received(alice)) == []
    assert invariants.check() == []


def test_after_a_few_minutes_it_is_too_late(bob: User, channel: Channel) -> None:
    tip = give(bob, channel)
    before = coin.books()

    late = timezone.now() + tips.UNDO_WITHIN + timedelta(seconds=1)
    with time_machine.travel(late), pytest.raises(TooLateToUndo):
        tips.undo(tip)

    assert coin.books() == before


def test_a_tip_spent_by_then_is_not_paid_back_by_the_gateway(
    bob: User, alice: User, carol: User, channel: Channel
) -> None:
    tip = give(bob, channel, 5 * COIN)
    rollup.roll_up()
    mine = ledger.account_of(alice)
    ledger.transfer(
        payer=mine, payee=ledger.account_of(carol), amount=mine.available, reference="away"
    )
    ledger.transfer(
        payer=ledger.account_of(carol),
        payee=ledger.house(Account.Kind.GATEWAY),
        amount=10 * COIN,
        reference="rich",
    )
    before = coin.books()

    with pytest.raises(SpentAlready):
        tips.undo(tip)

    assert coin.books() == before


def test_the_creator_sees_tips_with_and_without_words(
    bob: User, alice: User, carol: User, channel: Channel, hers: Channel
) -> None:
    mine = give(bob, channel)
    give(bob, hers, reference="hers")
    wallet = coin.charge(bob, alice)  # a view is no tip

    assert list(tips.received(alice)) == [mine.charge]
    assert wallet not in tips.received(alice)


def test_tips_go_with_their_giver_and_their_coin_stays(
    bob: User, alice: User, channel: Channel
) -> None:
    charge = give(bob, channel).charge

    farewell.leave(bob)

    assert not Tip.objects.exists()
    assert list(tips.received(alice)) == [charge]
    assert invariants.check() == []


def test_tips_go_with_their_channel(bob: User, alice: User, channel: Channel) -> None:
    give(bob, channel)

    channels.delete(channel)

    assert not Tip.objects.exists()
    assert Charge.objects.count() == 1

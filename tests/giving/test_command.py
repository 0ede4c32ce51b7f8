"""`manage.py pots`: what is due, and spreading it."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from tests.cloudcoin import make as coin
from wetube.giving import pots
from wetube.giving.models import Attention, Pot, PotMonth
from wetube.people.models import Channel, User


@pytest.fixture
def october(pot: Pot, channel: Channel) -> PotMonth:
    month = PotMonth.objects.create(pot=pot, month=date(2026, 10, 1), amount=coin.COIN)
    Attention.objects.create(month=month, channel=channel, seconds=90)
    return month


def said(*words: str) -> str:
    out = io.StringIO()
    call_command("pots", *words, stdout=out)
    return out.getvalue()


def test_what_is_due_is_listed_and_spread(october: PotMonth, bob: User) -> None:
    assert f"2026-10  pot {october.pot.key}  1.00 CLD" in said("due")

    assert "1.00 CLD to 1 channels" in said("spread", "--month", "2026-10")

    assert coin.available(bob) == 9 * coin.COIN
    assert said("due").strip() == "0 to spread."


def test_another_month_is_left_alone(october: PotMonth, bob: User) -> None:
    assert "Spread 0 of 0." in said("spread", "--month", "2026-09")

    assert coin.available(bob) == 10 * coin.COIN


@pytest.mark.parametrize("month", [f"{pots.first_day():%Y-%m}", "2199-01", "october"])
def test_no_month_that_is_not_over(october: PotMonth, month: str) -> None:
    with pytest.raises(CommandError):
        said("spread", "--month", month)

    october.refresh_from_db()
    assert october.state == PotMonth.State.OPEN

"""The pot's page, and what the player is asked and believed."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.cloudcoin import make as coin
from wetube.giving import attention, pots
from wetube.giving.models import Attention, Pot, PotMonth
from wetube.people.models import Channel, User

COIN = coin.COIN
ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


def test_a_pot_is_set_changed_paused_and_stopped(page: Client, bob: User) -> None:
    address = reverse("giving:pot")
    assert "Start the pot" in page.get(address).content.decode()

    html = page.post(address, {"amount": "2.5"}, follow=True).content.decode()
    assert "2.50 CLD" in html
    assert "Nothing watched yet" in html
    page.post(reverse("giving:pause_pot"))
    assert "Go on" in page.get(address).content.decode()
    page.post(reverse("giving:resume_pot"))
    page.post(address, {"amount": "3"})
    pot = Pot.objects.get(owner=bob)
    assert (pot.amount, pot.state) == (3 * COIN, Pot.State.ON)

    html = page.post(reverse("giving:stop_pot"), follow=True).content.decode()
    assert "Start the pot" in html
    assert not PotMonth.objects.exists()


@pytest.mark.parametrize("amount", ["", "0", "-1", "x", "10001"])
def test_no_pot_of_nonsense(page: Client, amount: str) -> None:
    answer = page.post(reverse("giving:pot"), {"amount": amount})

    assert answer.status_code == 422
    assert not Pot.objects.exists()


def test_the_pot_shows_how_it_would_be_divided(
    page: Client, pot: Pot, channel: Channel, hers: Channel
) -> None:
    month = PotMonth.objects.get(pot=pot)
    for watched, seconds in ((channel, 150), (hers, 50)):
        Attention.objects.create(month=month, channel=watched, seconds=seconds)

    html = page.get(reverse("giving:pot")).content.decode()
    for part in ("2:30", "1.50 CLD", "0:50", "0.50 CLD", "3:20"):
        assert part in html

    html = page.post(reverse("giving:exclude", args=[hers.key]), follow=True).content.decode()
    assert "Take in again" in html
    assert "1.50 CLD" not in html
    html = page.post(reverse("giving:include", args=[hers.key]), follow=True).content.decode()
    assert "Take in again" not in html


def test_a_short_balance_is_said_beforehand_and_afterwards(page: Client, bob: User) -> None:
    pot = pots.fill(bob, amount=11 * COIN)
    PotMonth.objects.create(
        pot=pot, month="2026-01-01", amount=11 * COIN, spent=COIN, seconds=9, state="spread"
    )

    html = page.get(reverse("giving:pot")).content.decode()

    assert "Your balance holds 10.00 CLD of 11.00 CLD" in html
    assert "Balance was short" in html
    html = page.get(reverse("giving:pot_month", args=["2026-01"])).content.decode()
    assert "Your balance held 1.00 CLD of 11.00 CLD" in html


@pytest.mark.parametrize("name", ["2026-1", "2026-13", "october", "1999-01"])
def test_a_month_that_is_none_is_missing(page: Client, pot: Pot, name: str) -> None:
    assert page.get(reverse("giving:pot_month", args=[name])).status_code == 404


def test_a_pot_is_its_owner_s(creator: Client, pot: Pot) -> None:
    for name in ("pause_pot", "resume_pot", "stop_pot"):
        assert creator.post(reverse(f"giving:{name}")).status_code == 404
    month = PotMonth.objects.get(pot=pot)
    assert creator.get(reverse("giving:pot_month", args=[month.name])).status_code == 404


def test_the_player_is_asked_for_seconds_where_they_count(
    page: Client, client: Client, pot: Pot, bob: User, channel: Channel
) -> None:
    free, sold = make.published(channel), make.published(channel, price=COIN)

    def asks(browser: Client, address: str) -> bool:
        return "watched-url" in browser.get(address).content.decode()

    assert asks(page, free.get_absolute_url())
    page.post(f"{sold.get_absolute_url()}pay/", {"price": str(COIN)})
    paid = page.get(sold.get_absolute_url()).content.decode()
    assert "<wt-player" in paid
    assert "watched-url" not in paid
    assert not asks(Client(), free.get_absolute_url())
    pots.stop(pot)
    assert not asks(page, free.get_absolute_url())


def test_seconds_are_noted_for_whom_they_belong_to(
    page: Client, creator: Client, pot: Pot, bob: User, channel: Channel
) -> None:
    said = attention.slip(bob, channel, seconds=60)
    address = reverse("giving:watched")

    with time_machine.travel(timezone.now() + timedelta(seconds=25)):
        assert Client().post(address, {"slip": said, "seconds": "20"}).status_code == 403
        assert creator.post(address, {"slip": said, "seconds": "20"}).status_code == 400
        for wrong in ("", "-1", "1.5", "9" * 30, "x"):
            assert page.post(address, {"slip": said, "seconds": wrong}).status_code == 400
        answer = page.post(address, {"slip": said, "seconds": "20"})

    assert answer.json() == {"noted": 20}
    assert Attention.objects.get().seconds == 20
    assert page.get(address).status_code == 405


def test_seconds_cannot_be_reported_from_another_site(
    pot: Pot, bob: User, channel: Channel
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bob)
    said = attention.slip(bob, channel, seconds=60)

    answer = strict.post(reverse("giving:watched"), {"slip": said, "seconds": "1"})

    assert answer.status_code == 403
    assert not Attention.objects.exists()

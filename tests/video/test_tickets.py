"""Who paid from a wallet watches with a ticket, signed in or not, while the charge holds."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.cloudcoin import make as coin
from wetube.cloudcoin import refunds, rollup
from wetube.cloudcoin.models import Charge
from wetube.people.models import Channel, User
from wetube.video import tickets, watching
from wetube.video.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(channel: Channel) -> Video:
    return make.published(channel, price=coin.PRICE)


@pytest.fixture
def charge(video: Video, bob: User) -> Charge:
    return coin.charge(bob, video.channel.owner, video.price, subject=video.holder)


def screen(client: Client, video: Video, ticket: str) -> int:
    address = reverse("video:screen", args=[video.key])
    return client.get(address, {"ticket": ticket}).status_code


def grant(client: Client, video: Video, ticket: str) -> int:
    address = reverse("video:grant", args=[video.key])
    return client.get(address, {"ticket": ticket}).status_code


def test_a_visitor_with_a_ticket_gets_player_receipt_and_renewal(
    client: Client, video: Video, charge: Charge
) -> None:
    ticket = tickets.of(charge)

    answer = client.get(reverse("video:screen", args=[video.key]), {"ticket": ticket, "play": ""})

    html = answer.content.decode()
    assert "<wt-player" in html
    assert "autoplay" in html
    assert "You paid 0.05 CLD for this." in html
    assert "0.035 CLD" in html
    assert f"?ticket={ticket}".replace(":", "%3A") in html
    assert grant(client, video, ticket) == 200


def test_without_a_ticket_there_is_neither(client: Client, video: Video, charge: Charge) -> None:
    for ticket in ("", "nonsense", tickets.of(charge)[:-1] + "x"):
        assert screen(client, video, ticket) == 204
        assert grant(client, video, ticket) == 403


def test_a_ticket_opens_its_own_film_alone(
    client: Client, channel: Channel, charge: Charge
) -> None:
    other = make.published(channel, price=coin.PRICE)

    assert screen(client, other, tickets.of(charge)) == 204


def test_a_ticket_holds_as_long_as_its_charge(client: Client, video: Video, charge: Charge) -> None:
    ticket = tickets.of(charge)
    later = timezone.now() + timedelta(hours=settings.PAID_HOURS, minutes=1)
    with time_machine.travel(later, tick=False):
        assert tickets.charge(ticket, video) is None
    assert tickets.charge(ticket, video) == charge

    rollup.roll_up()
    refunds.refund(charge, reason="did not play")

    assert tickets.charge(ticket, video) is None
    assert screen(client, video, ticket) == 204


def test_what_did_not_play_is_given_back_to_whoever_shows_the_ticket(
    client: Client, video: Video, charge: Charge, bob: User
) -> None:
    rollup.roll_up()
    before = coin.available(bob)
    address = reverse("video:refund", args=[video.key])

    client.post(address)
    assert coin.available(bob) == before
    client.post(f"{address}?ticket={tickets.of(charge)}")

    assert coin.available(bob) == before + video.price


def test_the_renewal_of_those_without_a_ticket_is_the_plain_address(video: Video) -> None:
    source = watching.source(video)

    assert source is not None
    assert "ticket" not in source.renew

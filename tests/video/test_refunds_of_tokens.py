"""What was paid with blind tokens and did not play comes back as tokens, to whoever paid."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import make
from tests.cloudcoin.make import charge
from tests.tokens import holder
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Charge
from wetube.content.models import Delivery
from wetube.people.models import Channel, User
from wetube.tokens import liability, minting, quotes, spending
from wetube.video import tickets
from wetube.video.models import Video

PRICE = 5_000_000


@pytest.fixture
def film(channel: Channel) -> Video:
    return make.published(channel, price=PRICE, visibility="public")


@pytest.fixture
def paid(film: Video, bob: User) -> Charge:
    bill = spending.Bill(film.channel.owner, PRICE, film.holder, film.title)
    return spending.pay(holder.as_text(holder.bought(bob, PRICE)), bill).charge


def ask(client: Client, film: Video, ticket: str) -> Any:
    return client.post(f"{reverse('video:refund_tokens', args=[film.key])}?ticket={ticket}")


def test_the_ticket_opens_the_film_and_brings_the_tokens_back(film: Video, paid: Charge) -> None:
    client = Client(enforce_csrf_checks=True)
    ticket = tickets.of(paid)
    screen = reverse("video:screen", args=[film.key])
    assert client.get(screen, {"ticket": ticket}).status_code == 200

    answer = ask(client, film, ticket)

    said = answer.json()
    kept = holder.split(PRICE)
    minted = minting.sign(quotes.of(said["quote"]), holder.shown(kept))
    assert holder.worth(holder.opened(kept, minted)) == said["amount"] == PRICE
    assert client.get(screen, {"ticket": ticket}).status_code == 204
    assert not answer.cookies
    assert liability.look().is_covered


def test_a_lost_answer_is_given_again(film: Video, paid: Charge, client: Client) -> None:
    first, again = (ask(client, film, tickets.of(paid)).json() for _ in range(2))

    assert first == again
    assert liability.look().waiting == PRICE


def test_who_watched_gets_nothing_back(film: Video, paid: Charge, client: Client) -> None:
    Delivery.objects.create(key=paid.key, size=10**9)

    assert ask(client, film, tickets.of(paid)).status_code == 409
    assert not hasattr(Charge.objects.get(pk=paid.pk), "refund")


def test_a_forged_ticket_or_a_balances_brings_nothing(
    film: Video, paid: Charge, client: Client, bob: User
) -> None:

    own = charge(bob, film.channel.owner, PRICE, subject=film.holder)
    before = ledger.account_of(bob).available

    for ticket in ("", "x", tickets.of(paid)[:-2], tickets.of(own)):
        assert ask(client, film, ticket).status_code == 404
    assert ledger.account_of(bob).available == before
    assert liability.look().waiting == 0


def test_the_page_offers_to_pay_privately(film: Video, client: Client) -> None:
    page = client.get(film.get_absolute_url()).content.decode()

    assert "<wt-private hidden" in page
    film.visibility = Video.Visibility.PASSWORD
    film.save()
    assert "<wt-private" not in client.get(film.get_absolute_url()).content.decode()

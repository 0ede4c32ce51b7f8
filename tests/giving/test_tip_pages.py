"""Giving a tip, taking it back and reading it, from the pages."""

import re
import secrets
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.cloudcoin import make as coin
from wetube.cloudcoin import ledger, till
from wetube.cloudcoin.models import Account, Charge, Tab
from wetube.giving import tips
from wetube.giving.models import Tip
from wetube.people import farewell
from wetube.people.models import Channel, User

COIN = coin.COIN
ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


def door(channel: Channel) -> str:
    return reverse("giving:tip", args=[channel.handle])


def form(amount: str = "10000000", **more: str) -> dict[str, str]:
    return {"chip": amount, "reference": secrets.token_hex(16), **more}


def test_a_visitor_is_told_how_to_give(client: Client, channel: Channel) -> None:
    html = client.get(door(channel)).content.decode()

    assert "Sign up to give" in html
    assert '<form class="form"' not in html
    answer = client.post(door(channel), form())
    assert answer.headers["Location"].startswith(reverse("people:log_in"))
    assert not Charge.objects.exists()


def test_a_tip_from_the_page(page: Client, bob: User, channel: Channel) -> None:
    film = make.published(channel)
    html = page.get(door(channel), {"on": film.holder}).content.decode()
    assert "10.00 CLD" in html
    assert "For “Storm at sea”" in html
    reference = re.search(r'name="reference" value="(\w{32})"', html)
    assert reference

    asked = form(note="<b>well</b> done", on=film.holder, reference=reference[1])
    answer = page.post(door(channel), asked, follow=True)

    html = answer.content.decode()
    assert "You gave 0.10 CLD" in html
    assert "&lt;b&gt;well&lt;/b&gt; done" in html
    assert film.get_absolute_url() in html
    tip = Tip.objects.get()
    assert (tip.charge.amount, tip.title, tip.is_named) == (10_000_000, "Storm at sea", False)


def test_the_same_page_sent_twice_is_one_tip(page: Client, bob: User, channel: Channel) -> None:
    asked = form()

    answers = [page.post(door(channel), asked) for _ in range(2)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert Charge.objects.count() == 1


def test_an_amount_of_one_s_own(page: Client, channel: Channel) -> None:
    page.post(door(channel), form("own", own="0.00000123"))

    assert Charge.objects.get().amount == 123


@pytest.mark.parametrize(
    "asked",
    [
        form("own"),
        form("own", own="-1"),
        form("own", own="much"),
        form("own", own="1001"),
        form("7"),
        form(note="x" * 201),
        form(reference="../../etc"),
        {},
    ],
)
def test_nonsense_is_refused_and_moves_nothing(
    page: Client, bob: User, channel: Channel, asked: dict[str, str]
) -> None:
    ledger.account_of(bob)
    before = coin.books()

    answer = page.post(door(channel), asked)

    assert answer.status_code in ({422} if asked else {200, 422})
    assert coin.books() == before
    assert not Tip.objects.exists()


def test_a_refused_tip_says_why_and_what_to_do(page: Client, bob: User, channel: Channel) -> None:
    answer = page.post(door(channel), form("own", own="5.00000001", note="for you"))

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "your limit of 5.00 CLD a day" in html
    assert "Change your limits" in html
    assert 'value="for you"' in html
    answer = page.post(door(channel), form("own", own="11"))
    assert reverse("cloudcoin:insufficient") in answer.content.decode()
    assert not Tip.objects.exists()


def test_one_s_own_channel_is_refused(creator: Client, channel: Channel) -> None:
    answer = creator.post(door(channel), form())

    assert answer.status_code == 422
    assert not Charge.objects.exists()


def test_a_private_film_is_no_occasion_for_others(page: Client, channel: Channel) -> None:
    film = make.published(channel, visibility="private")

    html = page.get(door(channel), {"on": film.holder}).content.decode()
    page.post(door(channel), form(on=film.holder))

    assert "Storm at sea" not in html
    assert Tip.objects.get().title == ""


def test_taking_a_tip_back(page: Client, bob: User, channel: Channel) -> None:
    tip = tips.give(bob, channel, amount=COIN, reference="one")
    key = tip.charge.key

    html = page.get(reverse("giving:given", args=[key])).content.decode()
    assert "Take it back" in html
    html = page.post(reverse("giving:undo_tip", args=[key]), follow=True).content.decode()

    assert "Taken back" in html
    assert "Take it back" not in html
    assert coin.available(bob) == 10 * COIN


def test_a_tip_cannot_be_taken_back_for_ever(page: Client, bob: User, channel: Channel) -> None:
    key = tips.give(bob, channel, amount=COIN, reference="one").charge.key

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        html = page.get(reverse("giving:given", args=[key])).content.decode()
        assert "Take it back" not in html
        html = page.post(reverse("giving:undo_tip", args=[key]), follow=True).content.decode()

    assert "is over" in html
    assert coin.available(bob) == 9 * COIN


def test_a_tip_is_its_giver_s_page(creator: Client, bob: User, channel: Channel) -> None:
    key = tips.give(bob, channel, amount=COIN, reference="one").charge.key

    assert creator.get(reverse("giving:given", args=[key])).status_code == 404
    assert creator.post(reverse("giving:undo_tip", args=[key])).status_code == 404
    assert coin.available(bob) == 9 * COIN


def test_the_creator_reads_hides_and_shows_notes(
    creator: Client, page: Client, bob: User, channel: Channel
) -> None:
    said = tips.Said("<script>alert(1)</script>", is_named=True)
    named = tips.give(bob, channel, amount=COIN, reference="one", said=said)
    tips.give(bob, channel, amount=COIN, reference="two")
    address = reverse("giving:received")

    html = creator.get(address).content.decode()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html
    assert html.count("From bob") == 1
    assert html.count("From somebody") == 1

    hide = reverse("giving:hide_note", args=[named.charge.key])
    assert page.post(hide).status_code == 404
    assert "alert(1)" not in creator.post(hide, follow=True).content.decode()
    show = reverse("giving:show_note", args=[named.charge.key])
    assert "alert(1)" in creator.post(show, follow=True).content.decode()


@pytest.mark.parametrize(
    ("tab", "said"),
    [
        (Tab.Kind.TRANSFER, "From a wallet on chain"),
        (Tab.Kind.TOKENS, "With private tokens"),
    ],
)
def test_tips_by_other_ways_are_shown_too(
    creator: Client, channel: Channel, tab: Tab.Kind, said: str
) -> None:
    paying = ledger.house(Account.Kind.TOKENS)
    ledger.transfer(
        payer=ledger.house(Account.Kind.VAULT), payee=paying, amount=COIN, reference="in"
    )
    till.charge_tab(
        Tab.objects.create(account=paying, kind=tab),
        payee=channel.owner,
        amount=COIN,
        reference="x402:1",
        subject=tips.subject_of(channel),
        label=channel.name,
        kind=Charge.Kind.TIP,
    )

    html = creator.get(reverse("giving:received")).content.decode()

    assert "0.70 CLD" in html
    assert said in html


def test_a_tip_outlives_its_giver(creator: Client, bob: User, channel: Channel) -> None:
    tips.give(bob, channel, amount=COIN, reference="one", said=tips.Said("hi", is_named=True))
    farewell.leave(bob)

    html = creator.get(reverse("giving:received")).content.decode()

    assert "From somebody" in html
    assert "hi</blockquote>" not in html


def test_nobody_without_tips_sees_an_error(creator: Client) -> None:
    assert "No tips yet" in creator.get(reverse("giving:received")).content.decode()

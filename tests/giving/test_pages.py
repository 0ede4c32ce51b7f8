"""The pages of giving say what is true, to whom it belongs, in a few queries."""

import re
import secrets
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from tests import make
from tests.cloudcoin import make as coin
from wetube.cloudcoin import ledger, rollup, till
from wetube.cloudcoin.models import Account, Charge, Tab
from wetube.giving import attention, pots, tips
from wetube.giving.models import Pot, PotMonth, Tip, Watched
from wetube.people import farewell
from wetube.people.models import Channel, User
from wetube.settlement import standing, withdrawals

COIN = coin.COIN
ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


@pytest.fixture
def page(client: Client, bob: User) -> Client:
    """Bob's browser."""
    client.force_login(bob)
    return client


@pytest.fixture
def creator(alice: User) -> Client:
    """Alice's browser."""
    browser = Client()
    browser.force_login(alice)
    return browser


def door(channel: Channel) -> str:
    return reverse("giving:tip", args=[channel.handle])


def form(amount: str = "10000000", **more: str) -> dict[str, str]:
    return {"chip": amount, "reference": secrets.token_hex(16), **more}


@pytest.mark.parametrize("name", ["received", "pot", "income", "income_csv", "books"])
def test_visitors_are_asked_to_log_in(client: Client, name: str) -> None:
    answer = client.get(reverse(f"giving:{name}"))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("people:log_in"))


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
        Watched.objects.create(month=month, channel=watched, seconds=seconds)

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
    assert Watched.objects.get().seconds == 20
    assert page.get(address).status_code == 405


def test_seconds_cannot_be_reported_from_another_site(
    pot: Pot, bob: User, channel: Channel
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bob)
    said = attention.slip(bob, channel, seconds=60)

    answer = strict.post(reverse("giving:watched"), {"slip": said, "seconds": "1"})

    assert answer.status_code == 403
    assert not Watched.objects.exists()


def test_the_income_page_adds_up(
    creator: Client, settings: Settings, alice: User, bob: User, channel: Channel
) -> None:
    settings.CLOUDCOIN_RPC = "http://127.0.0.1:9"
    coin.charge(bob, alice, COIN, label="<i>A film</i>")
    tips.give(bob, channel, amount=COIN, reference="one")
    rollup.roll_up()
    standing.order(alice, address=ADDRESS, threshold=COIN)
    withdrawals.ask(alice, amount=COIN, address=ADDRESS)

    html = creator.get(reverse("giving:income")).content.decode()

    assert "&lt;i&gt;A film" in html
    assert html.count("1.40 CLD") >= 4
    assert "11.40 CLD" in html  # the next payout: 10.40 free, 1 asked
    assert ADDRESS in html
    assert html.count("<rect") == 1


def test_an_income_of_nothing_says_how_to_begin(creator: Client) -> None:
    assert "Nothing earned yet" in creator.get(reverse("giving:income")).content.decode()


def test_the_books_are_the_operator_s(page: Client, bob: User, alice: User) -> None:
    assert page.get(reverse("giving:books")).status_code == 404
    coin.charge(bob, alice, COIN)
    User.objects.filter(pk=bob.pk).update(is_operator=True)

    answer = page.get(reverse("giving:books"))

    html = answer.content.decode()
    found = answer.context["holdings"]
    assert found.difference == 0
    assert found.total_held == 20 * COIN
    assert "20.00 CLD" in html
    assert "1 charge to settle" in html
    assert "0.10" in html


def test_pages_cost_the_same_for_many_rows(
    page: Client, alice: User, bob: User, settings: Settings
) -> None:
    settings.CLOUDCOIN_RPC = "http://127.0.0.1:9"
    pot = pots.fill(bob, amount=COIN)
    User.objects.filter(pk=bob.pk).update(is_operator=True)

    def add(number: int) -> None:
        giver = User.objects.create()
        others, own = make.channel(giver), make.channel(bob)
        tips.give(giver, own, amount=10, reference="x", said=tips.Said("hello", is_named=True))
        coin.charge(giver, bob, 10, subject=f"video:{number}")
        withdrawals.ask(bob, amount=10**6, address=ADDRESS)
        Watched.objects.create(month=pots.month_now(pot), channel=others, seconds=number + 1)
        PotMonth.objects.create(pot=pot, month=f"20{number + 10}-01-01", amount=9, spent=9)
        pots.exclude(pot, make.channel(giver))

    def queries(name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert page.get(reverse(f"giving:{name}")).status_code == 200
        return len(captured)

    add(0)
    names = ("received", "pot", "income", "books")
    queries("pot")  # the first page of a session notes the login as well
    few = {name: queries(name) for name in names}
    for number in range(1, 9):
        add(number)

    assert {name: queries(name) for name in names} == few
    assert max(few.values()) <= 20, few

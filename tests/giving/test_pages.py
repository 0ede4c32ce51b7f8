"""Income and books say what is true, to whom it belongs, in a few queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from tests import make
from tests.cloudcoin import make as coin
from wetube.cloudcoin import rollup
from wetube.giving import pots, tips
from wetube.giving.models import Attention, PotMonth
from wetube.people.models import Channel, User
from wetube.settlement import standing, withdrawals

COIN = coin.COIN
ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


@pytest.mark.parametrize("name", ["received", "pot", "income", "income_csv", "books"])
def test_visitors_are_asked_to_log_in(client: Client, name: str) -> None:
    answer = client.get(reverse(f"giving:{name}"))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("people:log_in"))


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
        Attention.objects.create(month=pots.month_now(pot), channel=others, seconds=number + 1)
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

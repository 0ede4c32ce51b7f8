"""The wallet says what one has, where it is and what waits for what; in a few queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.cloudcoin import make
from wetube.cloudcoin import ledger, refunds, rollup
from wetube.people.models import User
from wetube.settlement import withdrawals
from wetube.settlement.models import Withdrawal

pytestmark = pytest.mark.django_db

ADDRESS = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
PAGES = ["overview", "waiting", "top_up", "arriving", "withdraw", "tabs", "tab_rows", "own"]


@pytest.fixture
def page(client: Client, bob: User) -> Client:
    """Bob's browser."""
    client.force_login(bob)
    return client


def see(browser: Client, name: str, *args: str) -> str:
    answer = browser.get(reverse(f"wallet:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", [*PAGES, "tab_standing"])
def test_visitors_are_asked_to_log_in(client: Client, name: str) -> None:
    answer = client.get(reverse(f"wallet:{name}"))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("people:log_in"))


@pytest.mark.parametrize("name", PAGES)
def test_without_a_chain_every_page_stays_usable(page: Client, name: str) -> None:
    html = see(page, name)

    if name in {"overview", "top_up", "withdraw", "tabs", "own"}:
        assert "This gateway has no chain." in html


def test_the_older_name_leads_to_the_same_place() -> None:
    assert reverse("cloudcoin:wallet") == reverse("wallet:overview")


def test_it_says_what_is_free_and_what_is_on_its_way(page: Client, alice: User, bob: User) -> None:
    make.charge(bob, alice, label="A film")
    make.charge(alice, bob, 1_000)

    html = see(page, "overview")

    assert "9.95 CLD" in html
    assert "0.05 CLD that you paid: being settled; that takes seconds." in html
    assert "0.000007 CLD that you earned: being settled; that takes seconds." in html
    assert "A film" in html
    assert "10.00 CLD" in html


def test_it_says_that_nothing_waits(page: Client) -> None:
    html = see(page, "waiting")

    assert "Nothing waits" in html
    assert "hx-get" not in html


def test_coin_asked_out_waits_for_a_chain_where_there_is_none(page: Client, bob: User) -> None:
    withdrawals.ask(bob, amount=2 * make.COIN, address=ADDRESS)

    html = see(page, "waiting")

    assert "2.00 CLD on its way out: waiting until this gateway has a chain to pay on." in html
    assert "hx-get" in html
    places = page.get(reverse("wallet:overview")).context["coin"]
    assert (places.here, places.leaving, places.total) == (
        8 * make.COIN,
        2 * make.COIN,
        10 * make.COIN,
    )


def test_the_statement_sums_to_the_balance(page: Client, alice: User, bob: User) -> None:
    make.charge(bob, alice)
    refunds.refund(make.charge(bob, alice), reason="did not play")
    make.charge(alice, bob, 100)
    rollup.roll_up()
    withdrawals.ask(bob, amount=make.COIN, address=ADDRESS)

    answer = page.get(reverse("wallet:overview"))

    parts = vars(answer.context["statement"])
    available = parts.pop("available")
    assert sum(parts.values()) == available == make.available(bob)
    assert parts["withdrawn"] == -make.COIN


def test_limits_are_kept(page: Client, bob: User) -> None:
    answer = page.post(reverse("wallet:overview"), {"per_view": "0.2", "per_day": "1"})

    assert answer.status_code == 302
    tab = ledger.account_of(bob).tab
    assert (tab.per_view_cap, tab.per_day_cap) == (20_000_000, 100_000_000)


def test_limits_that_are_none_change_nothing(page: Client, bob: User) -> None:
    ledger.account_of(bob)
    before = make.books()

    answer = page.post(reverse("wallet:overview"), {"per_view": "-1", "per_day": "x"})

    assert answer.status_code == 422
    assert "Write an amount like 0.05." in answer.content.decode()
    assert make.books() == before


@pytest.mark.parametrize("name", ["overview", "withdraw"])
def test_a_page_costs_the_same_for_many_rows(
    page: Client, alice: User, bob: User, name: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            see(page, name)
        return len(captured)

    def live() -> None:
        make.charge(bob, alice, 10)
        make.charge(alice, bob, 10)
        asked = withdrawals.ask(bob, amount=10**6, address=ADDRESS)
        Withdrawal.objects.filter(pk=asked.pk).update(
            asked_at=timezone.now() - timedelta(minutes=asked.pk)
        )

    live()
    queries()  # the first page of a session notes the login as well
    few = queries()
    for _ in range(10):
        live()

    assert queries() == few <= 18

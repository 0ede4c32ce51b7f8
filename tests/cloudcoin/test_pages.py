"""The wallet's pages say what is true, to whom it belongs, in a few queries."""

import csv
import io
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cloudcoin import make
from wetube.cloudcoin import caps, context, ledger, limits, refunds, till
from wetube.cloudcoin.models import Charge
from wetube.people.models import User

pytestmark = pytest.mark.django_db

PAGES = ["history", "history_csv", "insufficient"]


@pytest.fixture
def page(client: Client, bob: User) -> Client:
    """Bob's browser."""
    client.force_login(bob)
    return client


def see(browser: Client, name: str, *args: str, **query: str) -> str:
    answer = browser.get(reverse(f"cloudcoin:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_visitors_are_asked_to_log_in(client: Client, name: str) -> None:
    answer = client.get(reverse(f"cloudcoin:{name}"))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("people:log_in"))


def test_history_is_searched_by_title_day_and_state(page: Client, alice: User, bob: User) -> None:
    with time_machine.travel(datetime(2026, 11, 1, 23, 59, tzinfo=UTC), tick=False) as clock:
        make.charge(bob, alice, 100, label="Sea at night")
        clock.move_to(datetime(2026, 11, 2, tzinfo=UTC))
        refunds.refund(make.charge(bob, alice, 200, label="Sea at noon"), reason="did not play")
        make.charge(bob, alice, 400, label="Hills")
    make.charge(alice, bob, 100, label="Somebody else’s bill")

    def found(**query: str) -> list[str]:
        answer = page.get(reverse("cloudcoin:history"), query)
        return [charge.label for charge in answer.context["page"].object_list]

    assert found() == ["Hills", "Sea at noon", "Sea at night"]
    assert found(q="sea") == ["Sea at noon", "Sea at night"]
    assert found(until="2026-11-01") == ["Sea at night"]
    assert found(since="2026-11-02", until="2026-11-02") == ["Hills", "Sea at noon"]
    assert found(state="refunded") == ["Sea at noon"]
    assert found(state="settled") == ["Sea at night"]
    assert found(state="settling") == ["Hills"]
    assert found(since="yesterday", state="nonsense") == ["Hills", "Sea at noon", "Sea at night"]
    assert "0.000005 CLD" in see(page, "history")


def test_history_is_searched_by_kind_and_means(page: Client, alice: User, bob: User) -> None:
    make.charge(bob, alice, 100, label="Sea")
    tip = till.charge(
        payer=bob,
        payee=alice,
        amount=200,
        reference="tip:one",
        subject="channel:alice",
        label="For the sea",
        kind=Charge.Kind.TIP,
    )

    def found(**query: str) -> list[str]:
        answer = page.get(reverse("cloudcoin:history"), query)
        return [charge.label for charge in answer.context["page"].object_list]

    assert found(kind="tip") == ["For the sea"]
    assert found(kind="pot") == []
    assert found(means="custodial") == ["For the sea", "Sea"]
    assert found(means="signed") == []
    assert ">Tip<" in see(page, "history", kind="tip")
    answer = page.get(reverse("cloudcoin:history_csv"), {"kind": "tip"})
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [(row["receipt"], row["kind"], row["paid from"]) for row in rows] == [
        (tip.key, "tip", "custodial")
    ]


def test_history_has_pages_that_keep_the_question(page: Client, alice: User, bob: User) -> None:
    for _ in range(30):
        make.charge(bob, alice, 10, label="Sea")

    first = see(page, "history", q="sea")

    assert "?q=sea&amp;page=2" in first
    assert see(page, "history", q="sea", page="2").count("/wallet/receipts/") == 5


def test_history_costs_the_same_for_many_rows(page: Client, alice: User, bob: User) -> None:
    def queries(name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            see(page, name)
        return len(captured)

    make.charge(bob, alice, 10)
    make.charge(alice, bob, 10)
    names = ("history",)
    queries("history")  # the first page of a session notes the login as well
    few = {name: queries(name) for name in names}
    for number in range(20):
        make.charge(bob, alice, 10)
        make.charge(alice, bob, 10, subject=f"video:{number}")

    assert {name: queries(name) for name in names} == few
    assert max(few.values()) <= 12


def test_a_spreadsheet_holds_the_same_rows_and_no_formula(
    page: Client, alice: User, bob: User
) -> None:
    make.charge(bob, alice, 1_234_567, label="=HYPERLINK(evil)")
    make.charge(bob, alice, 100, label="Plain")

    answer = page.get(reverse("cloudcoin:history_csv"), {"q": "hyper"})
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))

    assert answer.headers["Content-Type"].startswith("text/csv")
    assert [row["title"] for row in rows] == ["'=HYPERLINK(evil)"]
    assert rows[0]["amount CLD"] == "0.01234567"
    assert rows[0]["state"] == "settling"


def test_a_receipt_shows_where_the_coin_went(page: Client, alice: User, bob: User) -> None:
    charge = make.charge(bob, alice, 1000, label="<b>A film</b>")

    html = see(page, "receipt", charge.key)

    for part in ("Creator: alice", "0.000007 CLD", "0.000002 CLD", "0.000001 CLD", "0.00001 CLD"):
        assert part in html
    assert "&lt;b&gt;A film&lt;/b&gt;" in html
    assert "Being settled" in html


def test_a_refunded_receipt_says_so(page: Client, alice: User, bob: User) -> None:
    charge = make.charge(bob, alice, 1000)
    refunds.refund(charge, reason="It did not play.")

    html = see(page, "receipt", charge.key)

    assert "Refunded." in html
    assert "It did not play." in html


def test_a_receipt_is_its_payers_alone(client: Client, alice: User, bob: User) -> None:
    charge = make.charge(bob, alice)
    client.force_login(alice)

    assert client.get(charge.get_absolute_url()).status_code == 404


def test_what_is_missing_and_what_to_do(page: Client) -> None:
    html = see(page, "insufficient", price=str(12 * make.COIN), back="/watch/abc/")

    assert "Not enough coin" in html
    assert "2.00 CLD" in html
    assert 'href="/watch/abc/"' in html


def test_over_a_limit_says_which(page: Client, bob: User) -> None:
    caps.limit(bob, per_view=10, per_day=100)

    html = see(page, "insufficient", price="50")

    assert "Over your limit" in html
    assert "#limits" in html


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_stays_on_this_site(page: Client, back: str) -> None:
    answer = page.get(reverse("cloudcoin:insufficient"), {"price": "1", "back": back})

    assert answer.headers["Location"] == reverse("wallet:overview")


def test_the_refusal_of_another_page_is_shown_by_the_same_template(bob: User) -> None:
    refusal = limits.obstacle(bob, 12 * make.COIN)

    html = render_to_string("cloudcoin/what_to_do.html", {"refusal": refusal})

    assert "2.00 CLD" in html


def test_the_header_asks_only_when_it_shows(bob: User) -> None:
    ledger.account_of(bob)
    request = RequestFactory().get("/")
    request.user = bob
    with CaptureQueriesContext(connection) as captured:
        shown = context.balance(request)
    assert len(captured) == 0

    with CaptureQueriesContext(connection) as captured:
        html = render_to_string("cloudcoin/balance.html", shown)
    assert "10.00 CLD" in html
    assert len(captured) == 1

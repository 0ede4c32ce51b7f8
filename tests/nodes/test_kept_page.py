"""The badge on what nodes keep, and the page where anyone pays to keep it alive."""

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.nodes import make_pay as make
from wetube.cloudcoin import ledger
from wetube.nodes.models import Keeping, Lease, Placement
from wetube.people.models import User

pytestmark = pytest.mark.usefixtures("db")
REFERENCE = "0123456789abcdef" * 2


@pytest.fixture
def placement(olga: User) -> Placement:
    """Kept by one node of three that should; a proof came just now."""
    make.film()
    placement = make.holds(make.node(olga)).placement
    Lease.objects.update(price=2_000_000)
    Placement.objects.update(healthy=1, last_proof=timezone.now())
    placement.refresh_from_db()
    return placement


@pytest.fixture
def browser(bob: User, client: Client) -> Client:
    client.force_login(bob)
    return client


def badge(root: str) -> str:
    return Template("{% load kept %}{% kept root '/watch/x/' %}").render(Context({"root": root}))


def said(page: str) -> str:
    return " ".join(page.split())


@pytest.mark.parametrize(("healthy", "colour"), [(3, "good"), (1, "warn"), (0, "bad")])
def test_the_badge_says_how_many_copies_there_are(
    placement: Placement, healthy: int, colour: str
) -> None:
    Placement.objects.update(healthy=healthy)
    shown = badge(make.ROOT)
    assert f'class="badge kept {colour}"' in shown
    assert f"{healthy} of 3 copies" in shown
    assert f'href="/kept/{placement.key}/?back=%2Fwatch%2Fx%2F"' in shown


@pytest.mark.parametrize("root", ["", "bafkqaaa"])
def test_what_nodes_do_not_keep_has_no_badge(root: str) -> None:
    assert badge(root).strip() == ""


def test_coded_parts_are_counted_as_parts(placement: Placement) -> None:
    Placement.objects.update(kind="coded", wanted=5, needed=3, healthy=5)
    assert "5 of 5 parts" in badge(make.ROOT)


def test_anyone_sees_how_well_it_is_kept(client: Client, placement: Placement) -> None:
    page = said(client.get(f"/kept/{placement.key}/?back=/watch/x/").content.decode())
    assert "1 of 3" in page
    assert "Log in to pay" in page
    assert 'href="/watch/x/"' in page
    assert make.ROOT not in page


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_the_way_back_leads_nowhere_else(client: Client, placement: Placement, back: str) -> None:
    assert "evil" not in client.get(f"/kept/{placement.key}/", {"back": back}).context["back"]
    assert client.get(f"/kept/{placement.key}/", {"back": back}).context["back"] == ""


def test_what_is_not_kept_has_no_page(client: Client, placement: Placement) -> None:
    assert client.get("/kept/nothing/").status_code == 404
    Placement.objects.update(state="ended")
    assert client.get(f"/kept/{placement.key}/").status_code == 404


def choice(browser: Client, placement: Placement, days: int) -> dict[str, object]:
    """What the page's button for so many days sends."""
    page = browser.get(f"/kept/{placement.key}/")
    found = next(choice for choice in page.context["choices"] if choice.days == days)
    return {"days": days, "agreed": found.price.amount, "reference": REFERENCE}


def test_who_pays_keeps_it_alive_and_the_nodes_account_has_it(
    browser: Client, bob: User, placement: Placement
) -> None:
    Placement.objects.update(size=10 << 30)
    sent = choice(browser, placement, 90)
    had, nodes_had = ledger.account_of(bob).available, make.nodes_have()
    for _ in range(2):
        assert browser.post(f"/kept/{placement.key}/", sent).status_code == 302
    keeping = Keeping.objects.get()
    assert keeping.amount == sent["agreed"] == 2_000_000 * 3 * 3 * 10
    assert ledger.account_of(bob).available == had - keeping.amount
    assert make.nodes_have() == nodes_had + keeping.amount
    placement.refresh_from_db()
    assert placement.paid_until is not None
    left = placement.paid_until - timezone.now()
    assert timedelta(days=89) < left <= timedelta(days=90)
    assert "Paid so far" in browser.get(f"/kept/{placement.key}/").content.decode()


def unpaid(bob: User) -> list[object]:
    return [
        ledger.account_of(bob).available,
        make.nodes_have(),
        Keeping.objects.count(),
        list(Placement.objects.values_list("paid_until")),
    ]


def test_who_has_too_little_pays_nothing(
    browser: Client, bob: User, placement: Placement, settings: Settings
) -> None:
    settings.DEMO_GRANT_DROPS = 0
    sent, before = choice(browser, placement, 365), unpaid(bob)
    answer = browser.post(f"/kept/{placement.key}/", sent)
    assert answer.status_code == 422
    assert "not enough" in answer.content.decode()
    assert unpaid(bob) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": 31},
        {"days": ""},
        {"agreed": 0},
        {"agreed": "x"},
        {"reference": "x"},
        {"reference": ""},
    ],
)
def test_what_was_not_offered_is_not_paid(
    browser: Client, bob: User, placement: Placement, wrong: dict[str, object]
) -> None:
    Placement.objects.update(size=10 << 30)
    sent, before = choice(browser, placement, 90), unpaid(bob)
    answer = browser.post(f"/kept/{placement.key}/", {**sent, **wrong})
    assert answer.status_code == 422
    assert "notice" in answer.content.decode()
    assert unpaid(bob) == before


def test_strangers_sign_in_first(client: Client, placement: Placement) -> None:
    answer = client.post(f"/kept/{placement.key}/", {"days": 30, "agreed": 1})
    assert answer.status_code == 302
    assert "/log-in/" in answer["Location"]
    assert not Keeping.objects.exists()

"""The page of one's pins."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries as MaxQueries
from pytest_django import Settings

from tests.pinning.make import held, nowhere
from wetube.people.models import User
from wetube.pinning import asking, gathering, wishes
from wetube.pinning.models import PinRequest

PAGE = "/settings/pins/"


@pytest.fixture
def browser(alice: User, client: Client) -> Client:
    client.force_login(alice)
    return client


def asked(owner: User, cid: str, name: str = "") -> PinRequest:
    return asking.ask(owner, wishes.wish({"cid": cid, "name": name}))


def test_strangers_are_sent_to_sign_in(client: Client, db: None) -> None:
    assert client.get(PAGE).status_code == 302
    assert client.post(PAGE, {"cid": nowhere()}).status_code == 302
    assert not PinRequest.objects.exists()


def test_an_empty_page_says_what_to_do(browser: Client) -> None:
    page = browser.get(PAGE).content.decode()
    assert "Nothing pinned" in page
    assert "/pinning/v1</code>" in page
    assert "hx-trigger" not in page


def test_a_cid_is_pasted_and_kept(browser: Client) -> None:
    cid = held(b"hello")
    answer = browser.post(PAGE, {"cid": f" ipfs://{cid}/ ", "name": "Hello"})
    assert answer.status_code == 302
    assert "hx-trigger" in browser.get(PAGE).content.decode()
    gathering.gather(PinRequest.objects.get().pk)
    page = browser.get(PAGE).content.decode()
    assert f'href="https://gate.example/ipfs/{cid}"' in page
    assert "Kept" in page
    assert "hx-trigger" not in page


@pytest.mark.parametrize("cid", ["", "nonsense", "b" * 300])
def test_what_is_no_cid_is_said_at_the_field(browser: Client, cid: str) -> None:
    answer = browser.post(PAGE, {"cid": cid})
    assert answer.status_code == 422
    assert b"mistake" in answer.content
    assert not PinRequest.objects.exists()


def test_a_full_room_is_said(browser: Client, settings: Settings) -> None:
    settings.PIN_QUOTA_BYTES = 0
    answer = browser.post(PAGE, {"cid": nowhere()})
    assert answer.status_code == 422
    assert b"Remove something first" in answer.content
    assert not PinRequest.objects.exists()


def test_one_takes_back_and_tries_again_what_is_ones_own(
    browser: Client, alice: User, bob: User
) -> None:
    mine, others = asked(alice, nowhere()), asked(bob, nowhere())
    PinRequest.objects.update(state="failed", why=gathering.NOBODY)
    for key in (mine.key, others.key):
        browser.post(f"{PAGE}{key}/again/")
    assert {pin.key: pin.state for pin in PinRequest.objects.all()} == {
        mine.key: "queued",
        others.key: "failed",
    }
    for key in (mine.key, others.key):
        browser.post(f"{PAGE}{key}/remove/")
    assert PinRequest.objects.get() == others


@pytest.mark.parametrize("count", [1, 25])
def test_the_list_costs_the_same_for_many(
    browser: Client, alice: User, count: int, django_assert_max_num_queries: MaxQueries
) -> None:
    for number in range(count):
        asked(alice, nowhere(str(number)))
    browser.get(PAGE)
    with django_assert_max_num_queries(10):
        browser.get(PAGE)

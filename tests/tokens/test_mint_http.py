"""The mint's endpoints: what stock wallets need, no cookie, and every refusal with its code."""

import json
import logging
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.tokens import holder, make
from wetube.cloudcoin import ledger
from wetube.people import tokens as api_tokens
from wetube.people.limits import Limit
from wetube.people.models import User
from wetube.tokens import keysets, quotes
from wetube.tokens.models import Quote
from wetube.tokens.views import answering
from wetube.tokens.views import mint as endpoints

pytestmark = pytest.mark.django_db


@pytest.fixture
def mint() -> Client:
    return Client(enforce_csrf_checks=True)


def ask(client: Client, path: str, body: object) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(f"/mint/v1/{path}", text, content_type="application/json")


def test_information_names_the_method_and_the_unit(mint: Client) -> None:
    said = mint.get("/mint/v1/info").json()

    assert said["nuts"]["4"]["methods"][0]["method"] == "cloudcoin"
    assert said["nuts"]["5"]["methods"][0]["unit"] == "cld"
    assert said["nuts"]["12"] == {"supported": True}


def test_keys_are_published_and_their_id_can_be_checked(mint: Client) -> None:
    [keyset] = mint.get("/mint/v1/keys").json()["keysets"]
    keysets.rotate()

    assert keysets.id_of(keyset["keys"]) == keyset["id"]
    assert mint.get(f"/mint/v1/keys/{keyset['id']}").json()["keysets"][0]["keys"] == keyset["keys"]
    listed = mint.get("/mint/v1/keysets").json()["keysets"]
    assert [each["active"] for each in listed] == [False, True]
    assert listed[0] == {**listed[1], "id": keyset["id"], "active": False}


def test_any_page_may_ask_and_no_cookie_is_set(mint: Client) -> None:
    for answer in (
        mint.get("/mint/v1/keys", headers={"origin": "https://elsewhere.example"}),
        mint.options("/mint/v1/swap", headers={"origin": "https://elsewhere.example"}),
        ask(mint, "swap", {}),
    ):
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert not answer.cookies
    assert "Content-Type" in mint.options("/mint/v1/swap")["Access-Control-Allow-Headers"]


def test_another_method_is_not_allowed(mint: Client) -> None:
    assert mint.get("/mint/v1/swap").status_code == 405
    assert mint.delete("/mint/v1/keys").status_code == 405


def test_a_quote_goes_its_way(mint: Client, bob: User) -> None:
    asked = ask(mint, "mint/quote/cloudcoin", {"amount": 700, "unit": "cld"}).json()
    assert (asked["state"], asked["amount_paid"], asked["amount_issued"]) == ("UNPAID", 0, 0)
    assert asked["request"].endswith(f"/wallet/private/pay/{asked['quote']}/")
    kept = holder.split(700)
    wanted = [holder.output_json(output) for output in holder.shown(kept)]
    body = {"quote": asked["quote"], "outputs": wanted}
    early = ask(mint, "mint/cloudcoin", body)
    assert (early.status_code, early.json()["code"]) == (400, 20001)

    quotes.pay(quotes.of(asked["quote"]), payer=bob)
    place = f"/mint/v1/mint/quote/cloudcoin/{asked['quote']}"
    assert mint.get(place).json()["state"] == "PAID"
    signed = ask(mint, "mint/cloudcoin", body).json()["signatures"]

    assert [each["amount"] for each in signed] == [200, 500]
    assert mint.get(place).json()["amount_issued"] == 700
    restored = ask(mint, "restore", {"outputs": [{**each, "amount": 0} for each in wanted]})
    assert restored.json()["signatures"] == signed
    assert [each["B_"] for each in restored.json()["outputs"]] == [each["B_"] for each in wanted]


def test_states_are_told_by_points(mint: Client, bob: User) -> None:
    old = holder.bought(bob, 5)
    new = holder.swapped(old, [2, 2, 1])
    ys = [token.y for token in [*old, *new]]

    states = ask(mint, "checkstate", {"Ys": ys}).json()["states"]

    assert [each["Y"] for each in states] == ys
    assert [each["state"] for each in states] == ["SPENT"] + ["UNSPENT"] * 3


def test_tokens_melt_over_the_wire(mint: Client, bob: User) -> None:
    tokens = [holder.as_json(token) for token in holder.bought(bob, 500)]
    to = {"amount": 200, "unit": "cld", "request": ledger.account_of(bob).key}
    quote = ask(mint, "melt/quote/cloudcoin", to).json()
    assert (quote["state"], quote["fee_reserve"]) == ("UNPAID", 0)
    blank = [holder.output_json(output) for output in holder.shown(holder.hidden([0] * 3))]

    melted = ask(
        mint, "melt/cloudcoin", {"quote": quote["quote"], "inputs": tokens, "outputs": blank}
    ).json()

    assert (melted["state"], [each["amount"] for each in melted["change"]]) == ("PAID", [100, 200])
    assert ledger.account_of(bob).available == 10 * make.COIN - 300
    place = f"/mint/v1/melt/quote/cloudcoin/{quote['quote']}"
    assert mint.get(place).json()["state"] == "PAID"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("swap", "", 10000),
        ("swap", "[" * 100_000, 10000),
        ("swap", "[]", 10000),
        ("swap", "{}", 10000),
        ("swap", {"inputs": [], "outputs": []}, 10000),
        ("swap", {"inputs": [{}] * 201, "outputs": []}, 11014),
        ("mint/quote/cloudcoin", {"amount": 5, "unit": "sat"}, 11013),
        ("mint/quote/cloudcoin", {"amount": 0, "unit": "cld"}, 11006),
        ("mint/quote/cloudcoin", {"amount": 10**30, "unit": "cld"}, 11006),
        ("mint/quote/cloudcoin", {"amount": "5", "unit": "cld"}, 11006),
        ("mint/quote/cloudcoin", '{"amount": NaN, "unit": "cld"}', 11006),
        ("mint/cloudcoin", {"quote": 7, "outputs": []}, 10000),
        ("mint/cloudcoin", {"quote": "\0" * 32, "outputs": []}, 20007),
        ("melt/quote/cloudcoin", {"amount": 5, "unit": "cld", "request": "nobody"}, 10000),
        ("melt/quote/cloudcoin", {"amount": 5, "unit": "cld", "request": ["x"]}, 10000),
        ("checkstate", {"Ys": "02"}, 10000),
        ("checkstate", {"Ys": ["02" + "ff" * 32]}, 10000),
        ("checkstate", {"Ys": ["02" + "11" * 32] * 501}, 10000),
        ("restore", {"outputs": [{"amount": 1, "id": "00", "B_": "00"}]}, 10000),
        ("restore", {"outputs": [{}] * 501}, 11015),
        ("restore", {"outputs": 7}, 10000),
    ],
)
def test_hostile_bodies_are_refused_by_code(
    mint: Client, path: str, body: object, code: int
) -> None:
    answer = ask(mint, path, body)

    assert answer.status_code in {400, 404}
    assert answer.json()["code"] == code
    assert answer.json()["detail"]
    assert not Quote.objects.exists()


def test_a_large_body_is_refused_unread(mint: Client) -> None:
    assert ask(mint, "swap", '{"a": "%s"}' % ("x" * answering.LARGEST)).status_code == 400


@pytest.mark.parametrize("key", ["nothing", "01" + "00" * 32, "%01", "x" * 3000])
def test_unknown_keys_and_quotes_are_said_to_be_unknown(mint: Client, key: str) -> None:
    assert mint.get(f"/mint/v1/keys/{key}").json()["code"] == 12001
    for kind in ("mint", "melt"):
        answer = mint.get(f"/mint/v1/{kind}/quote/cloudcoin/{key}")
        assert (answer.status_code, answer.json()["code"]) == (404, 20007)


def test_one_visitor_does_not_fill_the_table(mint: Client, monkeypatch: Any) -> None:

    monkeypatch.setattr(endpoints, "QUOTES", Limit("mint-quotes", 2))
    body = {"amount": 5, "unit": "cld"}

    answers = [ask(mint, "mint/quote/cloudcoin", body) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert Quote.objects.count() == 2


def test_nothing_is_logged_of_tokens_or_addresses(
    mint: Client, bob: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = holder.bought(bob, 5)
    wanted = [holder.output_json(output) for output in holder.shown(holder.split(5))]

    ask(mint, "swap", {"inputs": [holder.as_json(token) for token in tokens], "outputs": wanted})
    ask(mint, "swap", {"inputs": [holder.as_json(token) for token in tokens], "outputs": []})

    said = caplog.text
    assert not [token for token in tokens if token.secret in said or token.y in said]
    assert "127.0.0.1" not in said


def program(user: User, *scopes: str) -> Client:
    _, secret = api_tokens.mint(user, name="test", scopes=scopes)
    return Client(headers={"authorization": f"Bearer {secret}"})


def test_a_program_pays_a_quote(bob: User) -> None:
    quote = quotes.ask(700)
    place = f"/api/v1/wallet/quotes/{quote.key}/pay"

    for _ in range(2):
        answer = program(bob, "wallet").post(place)
        assert (answer.status_code, answer.json()["state"]) == (200, "paid")

    assert ledger.account_of(bob).available == 10 * make.COIN - 700


def test_a_program_that_may_not_or_cannot_pays_nothing(bob: User) -> None:
    ledger.account_of(bob)
    quote = quotes.ask(11 * make.COIN)
    place = f"/api/v1/wallet/quotes/{quote.key}/pay"
    before = make.everything()

    assert Client().post(place).status_code == 401
    assert program(bob, "read").post(place).status_code == 403
    assert program(bob, "wallet").post(place).status_code == 409
    assert program(bob, "wallet").post(place.replace(quote.key, "0" * 32)).status_code == 404
    assert make.everything() == before


def test_a_person_pays_a_quote_on_its_page(bob: User, client: Client) -> None:
    quote = quotes.ask(700)
    page, pay = (reverse(f"tokens:{name}", args=[quote.key]) for name in ("pay", "pay_now"))
    assert client.get(page).status_code == 302
    client.force_login(bob)
    assert "0.000007 CLD" in client.get(page).content.decode()
    assert client.get(pay).status_code == 405
    assert Client(enforce_csrf_checks=True).post(pay).status_code in {302, 403}

    answer = client.post(pay, follow=True)

    assert "This is paid." in answer.content.decode()
    assert ledger.account_of(bob).available == 10 * make.COIN - 700
    assert client.get(reverse("tokens:pay", args=["0" * 32])).status_code == 404


def test_the_page_s_wallet_pays_or_hears_why_not(bob: User, client: Client) -> None:
    client.force_login(bob)
    ledger.account_of(bob)
    enough, too_much = quotes.ask(700), quotes.ask(11 * make.COIN)

    said = client.post(reverse("tokens:buy", args=[enough.key])).json()
    refused = client.post(reverse("tokens:buy", args=[too_much.key]))

    assert said == {"quote": enough.key, "state": "paid"}
    assert (refused.status_code, "missing" in refused.json()["error"]) == (409, True)
    assert ledger.account_of(bob).available == 10 * make.COIN - 700


def test_what_is_owed_is_public(bob: User, client: Client) -> None:
    holder.swapped(holder.bought(bob, make.COIN), [50_000_000, 50_000_000])

    page = client.get("/mint/").content.decode()

    assert "2.00 CLD" in page
    assert "Every token is covered" in page
    assert keysets.current().key in page


def test_visitors_may_hold_tokens(client: Client, bob: User) -> None:
    page = client.get("/wallet/private/").content.decode()
    assert "log in" in page
    assert 'data-form="buy"' not in page

    client.force_login(bob)
    assert 'data-form="buy"' in client.get("/wallet/private/").content.decode()


def test_the_public_page_asks_as_much_for_many_keysets_as_for_one(
    client: Client, django_assert_num_queries: Any
) -> None:
    keysets.current()
    client.get("/mint/")
    with CaptureQueriesContext(connection) as one:
        client.get("/mint/")
    for _ in range(3):
        keysets.rotate()

    with django_assert_num_queries(len(one)):
        client.get("/mint/")

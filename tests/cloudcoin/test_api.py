"""Programs with a wallet token see what their person sees, and nobody else's."""

import pytest
from django.test import Client

from tests.cloudcoin import make
from wetube.cloudcoin import ledger
from wetube.people import tokens
from wetube.people.models import User

pytestmark = pytest.mark.django_db

WALLET = "/api/v1/wallet"


@pytest.fixture
def program(bob: User) -> Client:
    """Acts for Bob."""
    _, secret = tokens.mint(bob, name="script", scopes=["wallet"])
    return Client(headers={"authorization": f"Bearer {secret}"})


@pytest.mark.parametrize("path", ["", "/caps", "/income", "/history", "/receipts/23456789abc"])
def test_without_a_token_there_is_nothing(client: Client, bob: User, path: str) -> None:
    _, secret = tokens.mint(bob, name="other", scopes=["read"])

    assert client.get(WALLET + path).status_code == 401
    other = {"authorization": f"Bearer {secret}"}
    assert client.get(WALLET + path, headers=other).status_code == 403


def test_the_balance(program: Client, alice: User, bob: User) -> None:
    make.charge(bob, alice)
    make.charge(alice, bob, 1000)

    assert program.get(WALLET).json() == {
        "available": 10 * make.COIN - make.PRICE,
        "settling_out": make.PRICE,
        "settling_in": 700,
        "spent_today": make.PRICE,
    }


def test_the_limits_are_set(program: Client, bob: User) -> None:
    wanted = {"per_view": 5, "per_day": 50}

    answer = program.put(f"{WALLET}/caps", wanted, content_type="application/json")

    assert answer.json() == program.get(f"{WALLET}/caps").json() == wanted


@pytest.mark.parametrize("cap", [-1, 2**63, "x", None])
def test_limits_that_are_none_are_refused(program: Client, bob: User, cap: object) -> None:
    ledger.account_of(bob)
    before = make.books()
    wanted = {"per_view": cap, "per_day": 5}

    answer = program.put(f"{WALLET}/caps", wanted, content_type="application/json")

    assert answer.status_code == 422
    assert make.books() == before


def test_history_and_receipt(program: Client, alice: User, bob: User) -> None:
    charge = make.charge(bob, alice, 1000, label="A film")
    make.charge(alice, bob, 1000)

    (spent,) = program.get(f"{WALLET}/history").json()
    receipt = program.get(f"{WALLET}/receipts/{charge.key}").json()

    assert (spent["key"], spent["label"], spent["state"]) == (charge.key, "A film", "settling")
    assert receipt["charge"] == spent
    assert [share["amount"] for share in receipt["shares"]] == [700, 200, 100]
    assert program.get(f"{WALLET}/history", {"offset": 1}).json() == []


def test_the_income(program: Client, alice: User, bob: User) -> None:
    make.charge(alice, bob, 1000)

    assert program.get(f"{WALLET}/income").json() == {
        "today": 700, "month": 700, "total": 700, "settling": 700, "views": 1,
    }  # fmt: skip


def test_a_receipt_is_its_payers_alone(program: Client, alice: User, bob: User) -> None:
    charge = make.charge(alice, bob)

    assert program.get(f"{WALLET}/receipts/{charge.key}").status_code == 404

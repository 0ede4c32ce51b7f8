"""x402's stock Python clients pay the real gateway on a real chain, to the drop."""

import pytest

from tests.wire.python_clients import Payer
from tests.wire.shop import PRICE, Shop
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Charge
from wetube.people.models import User

pytestmark = pytest.mark.chain


def test_requests_deposits_views_and_takes_the_rest_back(shop: Shop) -> None:
    had = shop.coin()
    payer = Payer(shop)
    session = payer.by_requests()

    first = session.get(shop.film, timeout=20)
    assert first.status_code == 200, first.text
    assert first.json()["source"]["prefix"].startswith(f"{shop.gateway.url}/g/")
    for _ in range(4):
        assert session.get(shop.film, timeout=20).status_code == 200

    assert shop.charged() == 5
    tab = shop.escrow().tab
    assert (tab.charged, shop.escrow().signed) == (5 * PRICE, 5 * PRICE)

    settled = payer.scheme.refund(shop.film)
    assert settled.success
    shop.books_hold()
    assert shop.coin() == had - 5 * PRICE
    assert shop.escrow().claimed == 5 * PRICE


async def test_httpx_pays(shop: Shop) -> None:
    payer = Payer(shop)
    async with payer.by_httpx() as client:
        answers = [await client.get(shop.film) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3


def test_a_tip_is_one_transfer(shop: Shop) -> None:
    had = shop.coin()
    amount = 123_456_789

    tipped = Payer(shop).tipping().get(shop.tip, params={"amount": str(amount)}, timeout=20)

    assert tipped.status_code == 200, tipped.text
    charge = Charge.objects.get()
    assert (charge.kind, charge.amount) == ("tip", amount)
    assert shop.coin() == had - amount
    shop.books_hold()


def test_an_advertisers_deposit_is_one_transfer_into_the_balance(shop: Shop, bob: User) -> None:
    had, amount = shop.coin(), 250_000_000
    account = ledger.account_of(bob)
    url = f"{shop.gateway.url}/pay/v1/deposits/{account.key}"
    session = Payer(shop).tipping()

    paid = session.get(url, params={"amount": "150000000"}, timeout=20)
    assert paid.status_code == 200, paid.text
    assert paid.json() == {"account": account.key, "deposited": "150000000"}
    assert session.get(url, params={"amount": "100000000"}, timeout=20).status_code == 200

    balance = Account.objects.get(pk=account.pk).balance
    assert balance == account.balance + amount
    assert shop.coin() == had - amount
    assert not Charge.objects.exists()
    shop.books_hold()
    assert Account.objects.get(pk=account.pk).balance == balance

"""A deposit the chain takes back after it bought views: no more is sold, the books follow."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from tests.settlement import onchain
from tests.wire.python_clients import Payer
from tests.wire.shop import PRICE, Shop
from wetube.chain import reading, sending
from wetube.chain.models import Deployment
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Charge, Journal

pytestmark = pytest.mark.chain


@pytest.fixture
def trusting_little(settings: Settings) -> int:
    """Drops the gateway sells for before they are final: three views."""
    settings.UNCONFIRMED_EXPOSURE = 3 * PRICE
    return 3


def test_a_deposit_that_is_gone_buys_no_more(
    trusting_little: int, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SEND_AGAIN_AFTER", timedelta(0))
    Deployment.objects.update(confirmations=4)
    income(trusting_little * PRICE)
    before, had = shop.chain.snapshot(), shop.coin()
    session = Payer(shop).by_requests()
    answers = [session.get(shop.film, timeout=20).status_code for _ in range(5)]
    assert answers == [200] * trusting_little + [402] * 2
    onchain.idle()
    assert (shop.escrow().unconfirmed > 3 * PRICE, shop.escrow().deposited) == (True, 0)

    shop.chain.revert(before)
    # Spent elsewhere: the deposit, which we send again, can never come back.
    away = onchain.wallet(shop.chain).address
    onchain.call(shop.chain, shop.wallet, "Cloudcoin", "transfer", away, had)
    for _ in range(3):
        onchain.idle()
        shop.chain.mine(5)

    answer = session.get(shop.film, timeout=20)
    assert (answer.status_code, answer.json()["error"]) == (409, "channel_frozen")
    assert Charge.objects.count() == trusting_little
    shop.books_hold()
    escrow = shop.escrow()
    assert (escrow.state, escrow.unconfirmed, escrow.deposited) == ("frozen", 0, 0)
    assert reading.balance(away) == had
    # The creator has what was watched; the gateway, which took the risk, has paid it.
    share = Charge.objects.first().gateway_share  # type: ignore[union-attr]  # there are three
    assert ledger.house(Account.Kind.GATEWAY).balance == trusting_little * share


def income(amount: int) -> None:
    """What the gateway has earned before."""
    ledger.post(
        reference="income",
        kind=Journal.Kind.TRANSFER,
        entries=[
            (ledger.house(Account.Kind.ISSUANCE), -amount),
            (ledger.house(Account.Kind.GATEWAY), amount),
        ],
    )

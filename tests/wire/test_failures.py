"""Things go wrong between payer, gateway and chain: nobody loses a drop, nobody waits long."""

import os
import signal
import time
from typing import Any

import httpx
import pytest
import requests
from eth_account import Account
from x402.http.clients.requests import PaymentError
from x402.mechanisms.evm.signers import EthAccountSigner

from tests import make
from tests.settlement import onchain
from tests.wire.lossy import lossy
from tests.wire.python_clients import Payer
from tests.wire.shop import PRICE, Shop
from wetube.chain.signatures import ORDER
from wetube.cloudcoin.models import Charge

pytestmark = pytest.mark.chain


def another_film(shop: Shop) -> str:
    film = make.published(shop.video.channel, price=PRICE)
    return f"{shop.gateway.url}/pay/v1/videos/{film.key}"


def test_a_lost_answer_costs_nothing_twice(shop: Shop) -> None:
    payer = Payer(shop)
    session = payer.by_requests()
    assert session.get(shop.film, timeout=20).status_code == 200
    other = another_film(shop)

    with lossy(shop.gateway.port) as proxy:
        proxy.drop_paid_answers = True
        with pytest.raises(PaymentError):
            session.get(other.replace(shop.gateway.url, proxy.url), timeout=20)
    assert shop.charged() == 2  # the gateway has it, the payer does not know

    assert session.get(other, timeout=20).status_code == 200
    assert shop.charged() == 2
    assert session.get(another_film(shop), timeout=20).status_code == 200
    assert shop.charged() == 3


class HighHalf(EthAccountSigner):
    """A session key that signs in the form x402's server takes and contracts refuse."""

    def sign_typed_data(self, *what: Any, **named: Any) -> bytes:
        right = super().sign_typed_data(*what, **named)
        s = ORDER - int.from_bytes(right[32:64])
        return right[:32] + s.to_bytes(32) + bytes([27 + (28 - right[64])])


def test_odd_signatures_are_claimed_all_the_same(shop: Shop) -> None:
    payer = Payer(shop)
    payer.scheme._voucher_signer = HighHalf(payer.session)
    session = payer.by_requests()
    for _ in range(3):
        assert session.get(shop.film, timeout=20).status_code == 200

    assert payer.scheme.refund(shop.film).success

    shop.books_hold()
    assert shop.escrow().claimed == 3 * PRICE


def test_while_the_chain_stands_still_vouchers_go_on_and_nobody_waits(shop: Shop) -> None:
    payer = Payer(shop, reads=False)
    session = payer.by_requests()
    assert session.get(shop.film, timeout=20).status_code == 200
    before = shop.charged()
    stranger = Payer(shop, session=Account.create(), reads=False)
    impatient = requests.Session()
    impatient.mount("http://", stranger.impatient())

    os.kill(shop.chain.pid, signal.SIGSTOP)
    try:
        assert session.get(another_film(shop), timeout=20).status_code == 200
        began = time.monotonic()
        answer = impatient.get(shop.film, timeout=20)
        assert answer.status_code == 503
        assert answer.json()["error"] in {"chain_unreachable", "settlement_pending"}
        assert time.monotonic() - began < 4  # two trips: the price, and the payment
        began = time.monotonic()
        asked = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}
        assert "error" in httpx.post(shop.rpc, json=asked, timeout=20).json()
        assert time.monotonic() - began < 3
    finally:
        os.kill(shop.chain.pid, signal.SIGCONT)
    assert shop.charged() == before + 1

    time.sleep(5)  # the line to the chain looks again after its pause
    assert Payer(shop).by_requests().get(another_film(shop), timeout=20).status_code == 200


def test_who_takes_coin_back_buys_no_more(shop: Shop) -> None:
    payer = Payer(shop)
    session = payer.by_requests()
    for _ in range(2):
        assert session.get(shop.film, timeout=20).status_code == 200
    config = shop.escrow().config
    left = shop.escrow().deposited + shop.escrow().unconfirmed - 2 * PRICE

    onchain.call(shop.chain, shop.wallet, "BatchSettlement", "initiateWithdraw", config, left)
    onchain.idle()
    answer = session.get(shop.film, timeout=20)

    assert (answer.status_code, answer.json()["error"]) == (409, "channel_frozen")
    assert Charge.objects.count() == 2
    shop.books_hold()
    assert shop.escrow().claimed == 2 * PRICE


def test_the_window_on_the_chain_gives_no_orders(shop: Shop) -> None:
    def asked(method: str, *params: object) -> Any:
        said = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
        return httpx.post(shop.rpc, json=said, timeout=20).json()

    assert int(asked("eth_chainId")["result"], 16) == shop.place.chain_id
    for method in ("eth_sendRawTransaction", "evm_mine", "eth_sendTransaction", "debug_x"):
        assert asked(method, "0x00")["error"]["code"] == -32601

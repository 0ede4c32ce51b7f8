"""A payer who does not wait for a slow chain and pays anew loses nothing."""

import pytest

from tests.settlement import onchain, payers
from tests.wire.python_clients import Payer
from tests.wire.shop import Shop
from wetube.cloudcoin import tabs
from wetube.cloudcoin.models import Charge
from wetube.settlement import idle
from wetube.settlement.models import Withdrawal
from wetube.wire import loose_ends

pytestmark = pytest.mark.chain

TIP = 50_000_000


@pytest.mark.parametrize("chain", ["anvil"], indirect=True)  # whose blocks a test can hold back
def test_each_transfer_buys_or_goes_back(shop: Shop) -> None:
    had = shop.coin()
    hasty = Payer(shop).tipping(patience=0)

    shop.chain.rpc("evm_setAutomine", False)
    try:
        for _ in range(2):
            answer = hasty.get(shop.tip, params={"amount": str(TIP)}, timeout=20)
            assert (answer.status_code, answer.json()["error"]) == (503, "settlement_pending")
    finally:
        shop.chain.rpc("evm_setAutomine", True)
        shop.chain.mine()
    onchain.idle()
    loose_ends.tie()

    assert shop.coin() == had - 2 * TIP
    wallet = tabs.of_wallet(shop.wallet.address).account
    assert wallet.available == 2 * TIP
    assert not Charge.objects.exists()
    idle.refund()
    payers.paid_out(Withdrawal.objects.get(account=wallet))
    assert shop.coin() == had
    assert loose_ends.tie() == 0
    shop.books_hold()

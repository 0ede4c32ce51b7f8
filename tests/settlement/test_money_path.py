"""Coin's whole way: out to a wallet, in by a transfer, through channels, and out to the drop."""

import pytest

from tests.chains.servers import TestChain
from tests.cloudcoin.make import available
from tests.settlement import make, onchain
from wetube.chain import reading
from wetube.chain.models import Deployment
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account
from wetube.people.models import User
from wetube.settlement import (
    epochs,
    payouts,
    posting,
    pushing,
    reconciling,
    sweeping,
    topping_up,
    withdrawals,
)
from wetube.settlement.models import Withdrawal

pytestmark = [pytest.mark.chain, pytest.mark.django_db]


def holds() -> None:
    onchain.idle()
    for run in reconciling.reconcile():
        assert run.result == "holds", f"{run}: {run.findings}"


def test_out_and_in(on_chain: TestChain, deployed: Deployment, bob: User, alice: User) -> None:
    epochs.advance()
    onchain.idle()
    assert ledger.house(Account.Kind.VAULT).balance == -5000 * make.COIN
    assert ledger.house(Account.Kind.ISSUANCE).balance == 5000 * make.COIN
    wallet = onchain.wallet(on_chain)

    asked = withdrawals.ask(bob, amount=5 * make.COIN, address=wallet.address)
    posting.pay_out()
    assert payouts.due(bob).rooted == 0
    Withdrawal.objects.update(asked_at=payouts.turn().replace(year=2020))
    assert posting.pay_out()
    onchain.idle()
    pushing.push()
    onchain.idle()
    asked.refresh_from_db()
    assert asked.state == "paid"
    assert reading.balance(wallet.address) == 5 * make.COIN
    assert payouts.due(bob).total == 0

    before = available(alice)
    onchain.call(
        on_chain, wallet, "Cloudcoin", "transfer", topping_up.address_of(alice), 123_456_789
    )
    onchain.idle()
    assert available(alice) == before + 123_456_789
    holds()
    assert sweeping.sweep() == 1
    onchain.idle()
    assert reading.balance(topping_up.address_of(alice)) == 0
    assert sweeping.sweep() == 0
    holds()

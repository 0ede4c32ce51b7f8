"""Channels on a real chain: coin locked, spent by vouchers, claimed, settled, taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.chains.servers import TestChain
from tests.settlement import onchain, payers
from tests.settlement.make import COIN
from tests.settlement.test_money_path import holds
from wetube.chain import reading
from wetube.chain.models import ChainTx, Deployment
from wetube.cloudcoin import ledger, rollup, till
from wetube.cloudcoin.models import Account
from wetube.people.models import User
from wetube.settlement import claiming, crediting, idle, settling
from wetube.settlement.models import ClaimRow

pytestmark = [pytest.mark.chain, pytest.mark.django_db]

PRICE = COIN // 20


def gathered() -> None:
    """Claim and settle until nothing is left."""
    claiming.claim()
    onchain.idle()
    settling.settle()
    onchain.idle()


def test_views_become_coin_in_the_vault(
    on_chain: TestChain, deployed: Deployment, alice: User
) -> None:
    wallet = payers.with_coin(on_chain, 10 * COIN)
    payer = payers.opened(on_chain, wallet, 5 * COIN)
    held = reading.balance(deployed.vault)
    for _ in range(30):
        payer.view(alice, PRICE)
    rollup.roll_up()
    holds()

    assert claiming.claim()
    assert claiming.claim() is None
    onchain.idle()
    assert payer.escrow.claimed == 30 * PRICE
    assert claiming.claim() is None
    holds()

    assert settling.settle()
    assert settling.settle() is None
    onchain.idle()
    assert settling.settle() is None
    assert reading.balance(deployed.vault) == held + 30 * PRICE
    assert ledger.house(Account.Kind.ESCROWS).balance == -(5 * COIN - 30 * PRICE)
    holds()


def test_one_drained_channel_does_not_spoil_the_claim_of_twenty(
    on_chain: TestChain, deployed: Deployment, alice: User, settings: Settings
) -> None:
    settings.CLAIM_DROPS = COIN // 2
    wallet = payers.with_coin(on_chain, 30 * COIN)
    some = [payers.Payer(on_chain, wallet) for _ in range(20)]
    for payer in some:
        payer.deposit(COIN)
    onchain.idle()
    for payer in some:
        payer.view(alice, COIN // 2)
    drained = some[7]
    drained.begin_to_leave(COIN)
    on_chain.warp(payers.DELAY + 1)
    drained.leave()
    # The books do not know it yet: this is what a bad row looks like.
    run = claiming.claim()

    assert run
    assert run.rows.count() == 19
    (bad,) = ClaimRow.objects.filter(run=None)
    assert bad.escrow == drained.escrow
    assert "AboveBalance" in bad.reason
    onchain.idle()
    assert [payer.escrow.claimed for payer in some if payer is not drained] == [COIN // 2] * 19
    assert (drained.escrow.claimed, drained.escrow.state) == (0, "frozen")

    # The gateway pays what was watched and never claimed, once it has coin of its own.
    assert crediting.is_behind()
    rollup.roll_up()
    onchain.idle()
    assert not crediting.is_behind()
    assert ledger.house(Account.Kind.GATEWAY).balance == 20 * COIN // 20 - COIN // 2
    assert drained.escrow.state == "closed"
    assert claiming.claim() is None
    settling.settle()
    holds()


def test_who_leaves_is_frozen_and_claimed_first(
    on_chain: TestChain, deployed: Deployment, alice: User
) -> None:
    wallet = payers.with_coin(on_chain, 10 * COIN)
    payer, other = (payers.opened(on_chain, wallet, 4 * COIN) for _ in range(2))
    payer.view(alice, PRICE)
    other.view(alice, PRICE)
    rollup.roll_up()
    payer.begin_to_leave(4 * COIN)

    onchain.idle()

    with pytest.raises(till.EscrowFrozen):
        payer.view(alice, PRICE)
    (row,) = ClaimRow.objects.all()
    assert row.escrow == payer.escrow
    assert payer.escrow.claimed == PRICE
    assert payer.escrow.withdraw_at

    on_chain.warp(payers.DELAY + 1)
    payer.leave()
    onchain.idle()
    assert payer.escrow.deposited == PRICE
    assert payer.escrow.tab.account.balance == 0
    assert ledger.house(Account.Kind.GATEWAY).balance == 2 * PRICE // 10
    holds()


def test_a_hundred_channels_are_claimed_at_once(
    on_chain: TestChain, deployed: Deployment, alice: User, settings: Settings
) -> None:
    settings.CLAIM_DROPS = 1
    wallet = payers.with_coin(on_chain, 11 * COIN)
    some = [payers.Payer(on_chain, wallet) for _ in range(100)]
    for payer in some:
        payer.deposit(COIN // 10)
    onchain.idle()
    for payer in some:
        payer.view(alice, PRICE)

    run = claiming.claim()
    onchain.idle()

    assert run
    assert run.rows.count() == 100
    tx = ChainTx.objects.get(intent=run.intent)
    assert tx.state == "final"
    assert 0 < (tx.gas_used or 0) < 3_000_000
    assert {payer.escrow.claimed for payer in some} == {PRICE}
    assert claiming.claim() is None


def test_a_deposit_the_chain_took_back_is_gone_from_the_books(
    on_chain: TestChain, deployed: Deployment, alice: User, settings: Settings
) -> None:
    wallet = payers.with_coin(on_chain, 10 * COIN)
    known = payers.opened(on_chain, wallet, 4 * COIN)
    for _ in range(20):
        known.view(alice, PRICE)
    rollup.roll_up()
    Deployment.objects.update(confirmations=3)
    before = on_chain.snapshot()
    payer = payers.Payer(on_chain, wallet)
    payer.deposit(2 * COIN)
    onchain.idle()
    assert (payer.escrow.unconfirmed, payer.escrow.deposited) == (2 * COIN, 0)
    payer.view(alice, PRICE)

    on_chain.revert(before)
    on_chain.mine(4)
    onchain.idle()

    escrow = payer.escrow
    assert (escrow.unconfirmed, escrow.deposited, escrow.state) == (0, 0, "frozen")
    with pytest.raises(till.ChargeRefused):
        payer.view(alice, PRICE)
    rollup.roll_up()
    # What was watched on the strength of it is the gateway's loss.
    assert ledger.house(Account.Kind.GATEWAY).balance == 21 * PRICE // 10 - PRICE
    assert claiming.claim() is None or not ClaimRow.objects.filter(escrow=escrow).exists()
    holds()


def test_idle_coin_goes_back_to_its_payer(
    on_chain: TestChain, deployed: Deployment, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = payers.with_coin(on_chain, 5 * COIN)
    payer = payers.opened(on_chain, wallet, 5 * COIN)
    payer.view(alice, 2 * COIN)
    gathered()
    assert idle.refund() == 0

    later = timezone.now() + timedelta(days=31)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert idle.refund() == 1
    with pytest.raises(till.EscrowFrozen):
        payer.view(alice, PRICE)
    assert idle.refund() == 0
    onchain.idle()

    assert reading.balance(wallet.address) == 3 * COIN
    assert payer.escrow.state == "open"
    assert idle.refund() == 0
    holds()

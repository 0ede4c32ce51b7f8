"""`cloudcoin init`: on both chains, killed anywhere, run again, and what it refuses."""

import pytest

from tests.chains.deployed import OPENING_EPOCHS
from wetube.chain import contracts, keys, reading
from wetube.chain.models import ChainTx, Deployment

pytestmark = pytest.mark.chain


def test_coin_mint_and_vault_know_each_other(deployed: Deployment) -> None:
    assert reading.call(contracts.TOKEN, "minter") == deployed.mint
    assert reading.call(contracts.MINT, "token") == deployed.token
    assert reading.call(contracts.VAULT, "token") == deployed.token
    assert reading.call(contracts.VAULT, "poster") == keys.address("poster")
    assert reading.call(contracts.MINT, "witnessNumber", keys.address("witness")) == 1


def test_the_opening_fund_is_what_was_scheduled_and_lies_in_the_vault(deployed: Deployment) -> None:
    opening = OPENING_EPOCHS * 50 * 10**8
    assert reading.call(contracts.MINT, "scheduled", OPENING_EPOCHS) == opening
    assert reading.balance(deployed.vault) == opening
    assert reading.call(contracts.TOKEN, "totalSupply") == opening
    assert set(ChainTx.objects.values_list("state", flat=True)) == {"final"}

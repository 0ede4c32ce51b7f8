"""Contracts that stand on the chain already: looked at closely, then taken or refused."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.chain import asking
from tests.chains.servers import TestChain
from wetube.chain import adopting, contracts, founding, keys, reading
from wetube.chain.models import ChainTx, Deployment, Sender, SignedTx
from wetube.chain.planning import Wishes

pytestmark = pytest.mark.chain


def found(wishes: Wishes) -> Deployment:
    return founding.found(wishes, lambda _said: None)


@pytest.fixture
def theirs(deployed: Deployment) -> Deployment:
    """What stands on the chain, forgotten here."""
    for rows in (SignedTx, ChainTx, Deployment, Sender):
        rows.objects.all().delete()
    return deployed


def test_all_three_are_adopted_with_the_block_that_made_them(theirs: Deployment) -> None:
    where = found(Wishes(theirs.token, theirs.mint, theirs.vault))
    assert (where.token, where.mint, where.vault) == (theirs.token, theirs.mint, theirs.vault)
    assert where.ready_at is not None
    assert adopting.has_code(where.vault, block=where.first_block)
    assert not adopting.has_code(where.vault, block=where.first_block - 1)
    assert not ChainTx.objects.exists()


def test_a_vault_of_our_own_is_made_for_a_coin_of_others(theirs: Deployment) -> None:
    where = found(Wishes(theirs.token, theirs.mint))
    assert where.vault != theirs.vault
    assert where.token == theirs.token
    assert reading.call(contracts.VAULT, "token") == theirs.token
    assert list(ChainTx.objects.values_list("contract", "state")) == [(contracts.VAULT, "final")]


def test_an_address_without_a_contract_is_refused(theirs: Deployment) -> None:
    refused(Wishes(theirs.token, theirs.mint, asking.stranger()), "no contract")


def test_a_contract_of_another_kind_is_refused(theirs: Deployment) -> None:
    refused(Wishes(theirs.token, theirs.mint, theirs.mint), "not that of GatewayVault")


def test_a_vault_whose_poster_is_another_is_refused(
    theirs: Deployment, settings: Settings, tmp_path: Path, on_chain: TestChain
) -> None:
    settings.KEYS_DIR = tmp_path / "others"
    keys.create("relayer")
    on_chain.fund(keys.address("relayer"), 100 * 10**18)
    refused(Wishes(theirs.token, theirs.mint, theirs.vault), "poster is not our key")


def refused(wishes: Wishes, why: str) -> None:
    with pytest.raises(adopting.NotOurs, match=why):
        found(wishes)
    assert not Deployment.objects.exists()
    assert not ChainTx.objects.exists()

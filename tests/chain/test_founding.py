"""`cloudcoin init`: on both chains, killed anywhere, run again, and what it refuses."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.chain import asking
from tests.chain.asking import Died
from tests.chains.deployed import OPENING_EPOCHS
from tests.chains.servers import TestChain
from wetube.chain import (
    addresses,
    contracts,
    deployment,
    founding,
    gas,
    keys,
    outbox,
    planning,
    reading,
    rpc,
    vouchers,
    witnessing,
)
from wetube.chain.models import ChainTx, Deployment, Sender, SignedTx
from wetube.chain.planning import Wishes

pytestmark = pytest.mark.chain

OPENING = OPENING_EPOCHS * 50 * 10**8
WISHES = Wishes(opening_epochs=OPENING_EPOCHS)


def found(wishes: Wishes = WISHES) -> Deployment:
    return founding.found(wishes, lambda _said: None)


def assert_whole(where: Deployment) -> None:
    assert where.ready_at is not None
    assert reading.call(contracts.TOKEN, "minter") == where.mint
    assert reading.call(contracts.MINT, "token") == where.token
    assert reading.call(contracts.VAULT, "token") == where.token
    assert reading.call(contracts.VAULT, "poster") == keys.address("poster")
    assert reading.call(contracts.MINT, "witnessNumber", keys.address("witness")) == 1
    assert reading.balance(where.vault) == OPENING
    assert reading.call(contracts.TOKEN, "totalSupply") == OPENING


def test_coin_mint_and_vault_know_each_other_and_the_vault_holds_the_opening_fund(
    deployed: Deployment,
) -> None:
    assert_whole(deployed)
    assert set(ChainTx.objects.values_list("state", flat=True)) == {"final"}
    assert reading.call(contracts.MINT, "scheduled", OPENING_EPOCHS) == OPENING


def test_our_witness_signs_what_the_mint_asks_for(deployed: Deployment) -> None:
    root = b"\x07" * 32
    signature = witnessing.sign_post(deployed, epoch=3, root=root, total=9)
    digest = reading.call(contracts.MINT, "postDigest", 3, root, 9)
    assert vouchers.signer(digest, signature) == keys.address("witness")


def test_run_again_it_changes_nothing(deployed: Deployment) -> None:
    before = asking.sent_by("relayer"), ChainTx.objects.count()
    assert found() == deployed
    assert (asking.sent_by("relayer"), ChainTx.objects.count()) == before


def test_dead_at_any_question_it_is_whole_when_run_again(
    on_chain: TestChain, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run dies four questions later than the one before."""
    whole, deaths, where = rpc.ask, 0, None
    while where is None:
        left = [4 * deaths]

        def ask(method: str, params: object = (), left: list[int] = left) -> object:
            answer = whole(method, params)  # type: ignore[arg-type]
            left[0] -= 1
            if left[0] < 0:
                raise Died
            return answer

        try:
            with monkeypatch.context() as patch:
                patch.setattr(rpc, "ask", ask)
                where = found()
        except Died:
            deaths += 1
            Sender.objects.update(claimed_until=None)
    assert deaths > 5
    assert_whole(where)
    deploys = ChainTx.objects.filter(intent__startswith="deploy:")
    assert sorted(deploys.values_list("contract", "state")) == [
        (contracts.MINT, "final"),
        (contracts.TOKEN, "final"),
        (contracts.VAULT, "final"),
    ]
    assert SignedTx.objects.filter(tx__in=deploys).count() == 3


def test_nonces_taken_by_another_program_are_planned_around(
    on_chain: TestChain, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody spends the relayer's first nonce between plan and signature."""
    plan = planning.plan

    def plan_then_lose(wishes: Wishes, place: planning.Place, attempt: int) -> Deployment:
        where = plan(wishes, place, attempt)
        if attempt == 0:
            on_chain.send(keys.account("relayer"), to=asking.stranger(), value=1, gas=21_000)
        return where

    monkeypatch.setattr(planning, "plan", plan_then_lose)
    where = found()
    assert where.attempt == 1
    assert_whole(where)
    lost = ChainTx.objects.get(intent=f"deploy:0:{contracts.TOKEN}")
    assert (lost.state, lost.signed.count()) == ("replaced", 0)


def test_other_contracts_than_those_in_use_are_refused(deployed: Deployment) -> None:
    with pytest.raises(founding.CannotFound, match="already"):
        found(Wishes(token=asking.stranger(), mint=deployed.mint))
    assert Deployment.objects.get() == deployed


def test_another_chain_behind_the_same_address_is_refused(deployed: Deployment) -> None:
    Deployment.objects.update(genesis_hash="0x" + "ab" * 32)
    before = asking.sent_by("relayer")
    with pytest.raises(deployment.WrongChain):
        found()
    assert asking.sent_by("relayer") == before


def test_without_gas_money_it_says_where_to_send_some(
    on_chain: TestChain, db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.KEYS_DIR = tmp_path / "others"
    with pytest.raises(gas.NeedsGasMoney) as needs:
        found()
    assert needs.value.address == keys.address("relayer")
    assert not Deployment.objects.exists()
    assert not ChainTx.objects.exists()

    on_chain.fund(needs.value.address, 100 * 10**18)
    assert found().ready_at is not None
    outbox.wait("gas:poster:0", 20)
    assert reading.gas_money(keys.address("poster")) > 0


def test_without_a_chain_there_is_nothing_to_found(db: None, settings: Settings) -> None:
    with pytest.raises(founding.NoChain):
        found()


@pytest.mark.parametrize(
    "wishes",
    [Wishes(token=contracts.NAMES[0]), Wishes(mint="0x12"), Wishes(vault=addresses.ZERO)],
)
def test_contracts_that_do_not_go_together_are_refused(
    on_chain: TestChain, db: None, wishes: Wishes
) -> None:
    with pytest.raises((planning.BadWishes, addresses.BadAddress)):
        found(wishes)
    assert not Deployment.objects.exists()

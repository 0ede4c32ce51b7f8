"""Every job: twice, at once, with a chain that does not answer; and ten minutes of epochs."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.chains.servers import TestChain
from tests.cloudcoin import make as cloudcoin
from tests.settlement import make, onchain, payers
from tests.settlement.test_money_path import holds
from wetube.chain import reading, rpc
from wetube.chain.models import ChainTx, Deployment
from wetube.cloudcoin import ledger, rollup
from wetube.cloudcoin.models import Account, Charge
from wetube.content.models import Delivery
from wetube.people.models import User
from wetube.settlement import (
    claiming,
    epochs,
    following,
    idle,
    posting,
    pushing,
    reconciling,
    settling,
    sweeping,
    topping_up,
)
from wetube.settlement.models import ClaimRun, Epoch, PayoutRoot, Push, Settle, Sweep

pytestmark = [pytest.mark.chain, pytest.mark.django_db]

JOBS: dict[str, Callable[[], object]] = {
    "follow": following.follow,
    "claim": claiming.claim,
    "settle": settling.settle,
    "sweep": sweeping.sweep,
    "epoch": epochs.advance,
    "pay out": posting.pay_out_now,
    "post again": posting.post_again,
    "push": pushing.push,
    "idle": idle.refund,
}


@pytest.fixture
def busy(on_chain: TestChain, deployed: Deployment, alice: User, settings: Settings) -> None:
    """Something to do for every job."""
    settings.CLAIM_DROPS = 1
    wallet = payers.with_coin(on_chain, 20 * make.COIN)
    payers.opened(on_chain, wallet, make.COIN).view(alice, make.COIN // 2)
    claimed = payers.opened(on_chain, wallet, make.COIN)
    claimed.view(alice, make.COIN // 2)
    onchain.call(on_chain, wallet, "Cloudcoin", "transfer", topping_up.address_of(alice), 5000)
    rollup.roll_up()
    make.asked(alice, make.COIN // 2, to=9)
    onchain.idle()


def counts() -> list[int]:
    models = (ClaimRun, Settle, Sweep, PayoutRoot, Push, Epoch, ChainTx)
    return [model.objects.count() for model in models]


def test_every_job_may_run_twice(busy: None, on_chain: TestChain) -> None:
    for name, job in JOBS.items():
        job()
        before = counts()
        job()
        assert counts() == before, name
        onchain.idle()
    assert not ChainTx.objects.filter(state="failed").exists()
    assert reading.balance(make.address(9)) == make.COIN // 2
    assert (ClaimRun.objects.count(), Settle.objects.count(), Sweep.objects.count()) == (1, 1, 1)
    holds()


@pytest.mark.usefixtures("shared_books")
def test_every_job_may_run_thrice_at_once(
    on_chain: TestChain, deployed: Deployment, alice: User, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("busy")
    for name, job in JOBS.items():
        answers = cloudcoin.together(job, job, job)
        assert not [answer for answer in answers if isinstance(answer, Exception)], name
        onchain.idle()
    assert not ChainTx.objects.filter(state="failed").exists()
    assert reading.balance(make.address(9)) == make.COIN // 2
    assert (ClaimRun.objects.count(), Settle.objects.count(), Sweep.objects.count()) == (1, 1, 1)
    assert (PayoutRoot.objects.count(), Push.objects.count()) == (2, 2)
    holds()


def test_a_chain_that_does_not_answer_stops_nobody(busy: None, on_chain: TestChain) -> None:
    before = make.everything()
    os.kill(on_chain.pid, signal.SIGSTOP)
    try:
        for name, job in {**JOBS, "reconcile": reconciling.reconcile}.items():
            rpc.breaker_of(on_chain.url).worked()
            began = time.monotonic()
            job()
            assert time.monotonic() - began < 3.5, name
        assert make.everything() == before
        assert {run.result for run in reconciling.newest()} == {"holds", "unknown"}
    finally:
        os.kill(on_chain.pid, signal.SIGCONT)
    rpc.breaker_of(on_chain.url).worked()

    for job in JOBS.values():
        job()
        onchain.idle()
    assert reading.balance(make.address(9)) == make.COIN // 2
    holds()


def test_paid_bytes_mint_coin_for_the_nodes(
    on_chain: TestChain, deployed: Deployment, alice: User, bob: User
) -> None:
    epochs.advance()
    onchain.idle()
    opening = Epoch.objects.get()
    assert opening.is_opening
    seen, unseen = (cloudcoin.charge(bob, alice, 1000) for _ in range(2))
    Delivery.objects.create(key=seen.key, size=10**6)
    rollup.roll_up()
    epochs.advance()
    assert Epoch.objects.count() == 1

    on_chain.warp(1300)
    advance(4)

    epoch = Epoch.objects.get(is_opening=False)
    assert (epoch.served, epoch.minted) == (10**6, seen.gateway_share)
    assert epoch.last_charge == unseen.pk
    assert epoch.posted_at
    assert ledger.house(Account.Kind.NODES).balance == 100 + 2 * 200
    assert int(reading.call("CloudMint", "minted")) == opening.total + epoch.minted

    on_chain.warp(1300)
    advance(3)
    assert Epoch.objects.count() == 2
    holds()


def test_what_was_given_back_and_what_was_never_delivered_mint_nothing(
    on_chain: TestChain, deployed: Deployment, alice: User, bob: User
) -> None:
    epochs.advance()
    onchain.idle()
    cloudcoin.charge(bob, alice, 1000)
    on_chain.warp(1300)
    advance(3)

    epoch = Epoch.objects.get(is_opening=False)
    assert (epoch.served, epoch.minted, epoch.root) == (0, 0, "")
    assert not ChainTx.objects.filter(intent__startswith="epoch:").exists()
    assert Charge.objects.filter(at__gt=timezone.now() - timedelta(hours=1)).exists()


def advance(times: int) -> None:
    for _ in range(times):
        epochs.advance()
        onchain.idle()

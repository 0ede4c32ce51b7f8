"""The outbox under what goes wrong: deaths, silence, reorganisations, stolen nonces, prices."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from tests.chain import asking
from tests.chain.asking import Died
from tests.chains.servers import TestChain
from wetube.chain import (
    deployment,
    following,
    keys,
    outbox,
    reading,
    rpc,
    sending,
    signing,
)
from wetube.chain.models import ChainTx, Deployment, Sender, SignedTx

pytestmark = pytest.mark.chain

Patch = pytest.MonkeyPatch


def die_before_persisting(patch: Patch) -> None:
    def form(*_: object, **__: object) -> SignedTx:
        raise Died

    patch.setattr(signing, "_form", form)


def die_before_sending(patch: Patch) -> None:
    patch.setattr(sending, "_send", _die)


def die_after_sending(patch: Patch) -> None:
    whole = rpc.ask

    def ask(method: str, params: object = ()) -> object:
        answer = whole(method, params)  # type: ignore[arg-type]
        if method == "eth_sendRawTransaction":
            raise Died
        return answer

    patch.setattr(rpc, "ask", ask)


def die_after_the_receipt(patch: Patch) -> None:
    patch.setattr(following, "_note_block", _die)


def _die(*_: object) -> int:
    raise Died


@pytest.mark.parametrize(
    "how", [die_before_persisting, die_before_sending, die_after_sending, die_after_the_receipt]
)
def test_a_death_loses_nothing_and_doubles_nothing(
    deployed: Deployment, how: Callable[[Patch], None], monkeypatch: Patch
) -> None:
    before, somebody = asking.sent_by("relayer"), asking.stranger()
    asking.give(somebody)

    with monkeypatch.context() as patch:
        how(patch)
        with pytest.raises(Died):
            outbox.pump()
    Sender.objects.update(claimed_until=None)  # it ends by itself after some seconds

    assert outbox.wait("test:give", 20).state == "final"
    assert reading.gas_money(somebody) == 7
    assert asking.sent_by("relayer") == before + 1
    assert SignedTx.objects.filter(tx__intent="test:give").count() == 1


@pytest.fixture
def frozen(on_chain: TestChain) -> Iterator[TestChain]:
    """Call `frozen.freeze()`; it thaws by itself."""
    yield on_chain
    os.kill(on_chain.pid, signal.SIGCONT)
    rpc.breaker_of(on_chain.url).worked()


def test_a_frozen_chain_blocks_nobody_for_three_seconds(
    deployed: Deployment, frozen: TestChain
) -> None:
    asking.approve(5)
    os.kill(frozen.pid, signal.SIGSTOP)
    for what in (outbox.pump, lambda: _balance(deployed), outbox.pump, lambda: _balance(deployed)):
        began = time.monotonic()
        what()
        assert time.monotonic() - began < 3
    assert asking.now("test:approve").state == "built"

    os.kill(frozen.pid, signal.SIGCONT)
    assert outbox.wait("test:approve", 20).state == "final"


def _balance(where: Deployment) -> None:
    with pytest.raises(rpc.ChainAway):
        reading.balance(where.vault)


def test_a_chain_that_freezes_when_it_is_sent_something_gets_it_again(
    deployed: Deployment, frozen: TestChain, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(rpc, "WORKERS_SECONDS", 1.0)
    before, somebody = asking.sent_by("relayer"), asking.stranger()
    asking.give(somebody)
    whole = sending._send
    with monkeypatch.context() as patch:

        def freeze_first(form: SignedTx) -> int:
            os.kill(frozen.pid, signal.SIGSTOP)
            return whole(form)

        patch.setattr(sending, "_send", freeze_first)
        outbox.pump()
    assert asking.now("test:give").state == "sent"

    os.kill(frozen.pid, signal.SIGCONT)
    rpc.breaker_of(frozen.url).worked()
    assert outbox.wait("test:give", 20).state == "final"
    assert (reading.gas_money(somebody), asking.sent_by("relayer")) == (7, before + 1)


def test_what_the_chain_took_back_is_sent_again(
    deployed: Deployment, on_chain: TestChain, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(sending, "SEND_AGAIN_AFTER", timedelta(0))
    Deployment.objects.update(confirmations=3)
    before, somebody = asking.sent_by("relayer"), asking.stranger()
    snapshot = on_chain.snapshot()
    asking.give(somebody)
    mined = asking.mined("test:give")

    on_chain.revert(snapshot)
    on_chain.mine()
    assert reading.gas_money(somebody) == 0
    outbox.pump()
    outbox.pump()
    on_chain.mine(3)
    done = outbox.wait("test:give", 20)

    assert (done.state, done.hash) == ("final", mined.hash)
    assert done.block_hash != mined.block_hash
    assert (reading.gas_money(somebody), asking.sent_by("relayer")) == (7, before + 1)


def test_it_waits_for_as_many_blocks_as_the_deployment_says(
    deployed: Deployment, on_chain: TestChain
) -> None:
    Deployment.objects.update(confirmations=3)
    asking.approve(5)
    states = [asking.mined("test:approve").state]
    for _ in range(2):
        on_chain.mine()
        outbox.pump()
        states.append(asking.now("test:approve").state)
    assert states == ["mined", "mined", "final"]


def test_a_nonce_spent_elsewhere_is_given_up_and_the_call_made_with_another(
    deployed: Deployment, on_chain: TestChain, monkeypatch: Patch
) -> None:
    somebody = asking.stranger()
    asking.give(somebody)
    with monkeypatch.context() as patch:
        die_before_sending(patch)
        with pytest.raises(Died):
            outbox.pump()
    Sender.objects.update(claimed_until=None)
    stolen = asking.now("test:give").nonce
    on_chain.send(keys.account("relayer"), to=somebody, value=1, gas=21_000, nonce=stolen)

    outbox.pump()
    assert asking.now("test:give").state == "sent"  # first it makes sure
    monkeypatch.setattr(following, "LOST_AFTER", timedelta(0))
    done = outbox.wait("test:give", 20)

    assert done.state == "final"
    assert done.nonce == (stolen or 0) + 1
    assert reading.gas_money(somebody) == 1 + 7


def test_gas_that_is_too_dear_is_waited_out(deployed: Deployment, settings: Settings) -> None:
    before = asking.sent_by("poster")
    settings.MAX_GAS_PRICE_GWEI = 0
    asking.approve(5)
    outbox.pump()

    waiting = asking.now("test:approve")
    assert (waiting.state, asking.sent_by("poster")) == ("built", before)
    assert "MAX_GAS_PRICE_GWEI" in waiting.error

    settings.MAX_GAS_PRICE_GWEI = 500
    done = outbox.wait("test:approve", 20)
    assert (done.state, done.error) == ("final", "")


def test_nothing_is_sent_to_another_chain(
    deployed: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    genesis = deployed.genesis_hash
    Deployment.objects.update(genesis_hash="0x" + "ab" * 32)
    before = asking.sent_by("poster")
    asking.approve(5)
    assert outbox.pump() == 0
    assert (asking.now("test:approve").state, asking.sent_by("poster")) == ("built", before)
    assert genesis in caplog.text
    with pytest.raises(deployment.WrongChain):
        deployment.assert_on(Deployment.objects.get())


def test_a_sender_without_gas_money_waits_and_says_so(
    deployed: Deployment, on_chain: TestChain
) -> None:
    keys.create("witness")
    witness = keys.address("witness")
    outbox.give("test:poor", role="witness", to=asking.stranger(), wei=7)
    outbox.pump()
    poor = asking.now("test:poor")
    assert poor.state in ("built", "sent")
    assert poor.error

    on_chain.fund(witness)
    done = outbox.wait("test:poor", 20)
    assert (done.state, done.error) == ("final", "")


def test_a_deployment_that_lost_its_nonce_says_so(
    deployed: Deployment, on_chain: TestChain
) -> None:
    """Its contract would be elsewhere: such a row is never signed with another nonce."""
    row = ChainTx.objects.create(
        intent="test:reserved",
        role="relayer",
        sender=keys.address("relayer"),
        nonce=10_000,
        reserved=True,
        data=b"\x00",
        gas=100_000,
    )
    ChainTx.objects.filter(pk=row.pk).update(nonce=0, sender="0x0")
    outbox.pump()
    assert asking.now("test:reserved").state == "replaced"

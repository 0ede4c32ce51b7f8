"""anvil's pool of transactions that no block has yet: they get lost, and they get old.

Our own chain has no such pool: it makes a block for every transaction it takes.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from pytest_django import Settings

from tests.chain import asking
from tests.chains.servers import TestChain
from wetube.chain import fees, outbox, reading, sending, signing
from wetube.chain.models import Deployment, SignedTx

pytestmark = [pytest.mark.chain, pytest.mark.parametrize("chain", ["anvil"], indirect=True)]

Patch = pytest.MonkeyPatch


def pump_impatiently(monkeypatch: Patch) -> None:
    """As if the first in line had waited for long."""
    with monkeypatch.context() as patch:
        patch.setattr(signing, "REPLACE_AFTER", timedelta(0))
        outbox.pump()


@pytest.fixture
def sleepy(anvil: TestChain) -> Iterator[TestChain]:
    """anvil making no blocks by itself; our own chain always makes one."""
    anvil.rpc("evm_setAutomine", False)
    yield anvil
    anvil.rpc("evm_setAutomine", True)
    anvil.rpc("evm_mine")


def test_a_dropped_transaction_is_sent_again_and_those_behind_it_go_on(
    deployed: Deployment, sleepy: TestChain, monkeypatch: Patch
) -> None:
    somebody = asking.stranger()
    rows = [asking.give(somebody, intent=f"test:{number}") for number in range(3)]
    outbox.pump()
    first = asking.now("test:0")
    sleepy.rpc("anvil_dropTransaction", first.hash)
    sleepy.mine()
    assert reading.gas_money(somebody) == 0  # a gap: nobody behind it can go

    monkeypatch.setattr(sending, "SEND_AGAIN_AFTER", timedelta(0))
    outbox.pump()
    sleepy.mine()
    outbox.pump()

    assert {asking.now(row.intent).state for row in rows} == {"final"}
    assert asking.now("test:0").hash == first.hash
    assert reading.gas_money(somebody) == 21


def test_what_no_block_takes_offers_more_with_the_same_nonce(
    deployed: Deployment, sleepy: TestChain, monkeypatch: Patch
) -> None:
    somebody = asking.stranger()
    asking.give(somebody)
    outbox.pump()
    before = asking.now("test:give")
    pump_impatiently(monkeypatch)

    forms = list(SignedTx.objects.filter(tx=before).order_by("pk"))
    assert len(forms) > 1
    assert len({form.nonce for form in forms}) == 1
    for old, new in pairwise(forms):
        assert new.max_fee * 100 >= old.max_fee * (100 + 10)
        assert new.tip * 100 >= old.tip * (100 + 10)
    sleepy.mine()
    done = outbox.wait("test:give", 20)
    assert (done.state, done.hash) == ("final", forms[-1].hash)
    assert reading.gas_money(somebody) == 7


def test_the_older_form_may_win(
    deployed: Deployment, sleepy: TestChain, monkeypatch: Patch
) -> None:
    """The raised form is signed and kept, but the block took the first."""
    somebody = asking.stranger()
    asking.give(somebody)
    outbox.pump()
    with monkeypatch.context() as patch:
        patch.setattr(sending, "_send", lambda _form: 0)
        pump_impatiently(monkeypatch)
    sleepy.mine()

    done = outbox.wait("test:give", 20)
    forms = list(SignedTx.objects.filter(tx=done).order_by("pk"))
    assert len(forms) > 1
    assert (done.state, done.hash) == ("final", forms[0].hash)
    assert reading.gas_money(somebody) == 7


def test_it_offers_no_more_than_allowed(
    deployed: Deployment, sleepy: TestChain, settings: Settings, monkeypatch: Patch
) -> None:
    asking.give(asking.stranger())
    outbox.pump()
    monkeypatch.setattr(fees, "ceiling", lambda: SignedTx.objects.latest("pk").max_fee)
    pump_impatiently(monkeypatch)
    assert SignedTx.objects.filter(tx__intent="test:give").count() == 1
    assert "MAX_GAS_PRICE_GWEI" in asking.now("test:give").error

"""What the clock calls raises nothing and moves nothing while no chain answers."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from wetube.chain import contracts, keys, outbox, rpc, tasks
from wetube.chain.models import ChainEvent, ChainTx, Deployment, SignedTx

WORK = [tasks.pump_outbox, tasks.sync_events, tasks.share_gas_money]


@pytest.fixture
def asked(
    db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ChainTx]:
    """A row of the outbox, and a node whose door is shut."""
    settings.KEYS_DIR = tmp_path / "keys"
    monkeypatch.setattr(keys, "SCRYPT_N", 2**8)
    for role in keys.ROLES:
        keys.create(role)
    Deployment.objects.create(
        chain_id=5,
        genesis_hash="0x" + "00" * 32,
        token=keys.address("relayer"),
        first_block=0,
        confirmations=1,
        ready_at=timezone.now(),
    )
    with socket.socket() as shut:
        shut.bind(("127.0.0.1", 0))
        settings.CLOUDCOIN_RPC = f"http://127.0.0.1:{shut.getsockname()[1]}"
        yield outbox.put(
            "test:approve",
            role="relayer",
            contract=contracts.TOKEN,
            function="approve",
            args=[keys.address("poster"), 5],
        )


@pytest.mark.parametrize("work", WORK)
def test_a_chain_that_is_away_is_waited_for(asked: ChainTx, work: Callable[[], None]) -> None:
    work()
    asked.refresh_from_db()
    assert (asked.state, asked.nonce) == ("built", None)
    assert not SignedTx.objects.exists()
    assert not ChainEvent.objects.exists()


@pytest.mark.parametrize("work", WORK)
def test_without_a_chain_nobody_is_asked(
    asked: ChainTx,
    settings: Settings,
    work: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.CLOUDCOIN_RPC = ""

    def nobody(*_: object) -> None:
        raise AssertionError("there is nobody to ask")

    monkeypatch.setattr(rpc, "ask", nobody)
    work()
    asked.refresh_from_db()
    assert asked.state == "built"

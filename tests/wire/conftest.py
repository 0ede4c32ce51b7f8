"""A gateway that sells one film on a real chain, and payers with a wallet."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests import make
from tests.chains.servers import TestChain
from tests.cloudcoin.conftest import shared_books
from tests.settlement import payers
from tests.wire.desk import AtOnce, Desk, a_deployment
from tests.wire.serving import Served
from tests.wire.shop import PRICE, Shop
from wetube.chain import keys
from wetube.chain.models import Deployment
from wetube.cloudcoin import ledger, till
from wetube.people.models import User

__all__ = ["shared_books"]


@pytest.fixture
def shop(
    shared_books: None, deployed: Deployment, chain: TestChain, tmp_path: Path, alice: User
) -> Iterator[Shop]:
    """Alice's film costs 0.05 CLD; the payer has ten."""
    channel = make.channel(alice, "alices-films")
    video = make.published(channel, price=PRICE)
    ledger.account_of(alice)
    wallet = payers.with_coin(chain, 1_000_000_000)
    gateway = Served(tmp_path)
    gateway.start()
    yield Shop(gateway, chain, deployed, video, wallet)
    gateway.stop()


@pytest.fixture
def _coin_on_a_chain(
    db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deployment whose chain is away; keys that open quickly."""
    settings.CLOUDCOIN_RPC = "http://127.0.0.1:9"
    settings.KEYS_DIR = tmp_path / "keys"
    monkeypatch.setattr(keys, "SCRYPT_N", 2**8)
    a_deployment()


@pytest.fixture
def desk(_coin_on_a_chain: None, alice: User, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Sells alice's films; all on the test's own connection."""
    monkeypatch.setattr(till, "_flusher", AtOnce())
    # Work handed to threads comes back to this one, whose connection is the test's own.
    monkeypatch.setattr("channels.db.close_old_connections", lambda: None)
    ledger.account_of(alice)
    return Desk(alice)


@pytest.fixture
def busy_desk(shared_books: None, _coin_on_a_chain: None, alice: User) -> Iterator[Desk]:
    """The same with the till's own thread, for crowds."""
    ledger.account_of(alice)
    yield Desk(alice)
    till.rest()

"""A gateway that sells one film on a real chain, and payers with a wallet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import make
from tests.chains.servers import TestChain
from tests.cloudcoin.conftest import shared_books
from tests.settlement import payers
from tests.wire.serving import Served
from tests.wire.shop import PRICE, Shop
from wetube.chain.models import Deployment
from wetube.cloudcoin import ledger
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

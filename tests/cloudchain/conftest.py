"""A chain in this process, on a folder of its own; a coin on each chain that is served."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account.signers.local import LocalAccount

from tests.chains.servers import TestChain
from tests.cloudchain.coins import deploy
from tests.cloudchain.small_chain import SmallChain


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallChain]:
    """Without a server: what the chain itself does."""
    chain = SmallChain(tmp_path)
    yield chain
    chain.close()


@pytest.fixture
def account(chain: TestChain) -> LocalAccount:
    return chain.somebody()


@pytest.fixture
def coin(chain: TestChain, account: LocalAccount) -> str:
    return deploy(chain, account)

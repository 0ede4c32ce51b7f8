"""Fixtures every test of the marker `chain` may use.

What they need is imported when one is asked for: tests without a chain shall not wait for it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.chains.servers import TestChain


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[TestChain]":
    """Our own chain, running for the session."""
    from tests.chains import servers

    with servers.embedded(tmp_path_factory.mktemp("embedded")) as running:
        yield running


@pytest.fixture(scope="session")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[TestChain]":
    """Foundry's chain, running for the session."""
    from tests.chains import servers

    if not servers.ANVIL.exists():
        pytest.skip("needs anvil from npm: script/server installs it")
    with servers.anvil(tmp_path_factory.mktemp("anvil")) as running:
        yield running


@pytest.fixture(params=["embedded", "anvil"])
def chain(request: pytest.FixtureRequest) -> "TestChain":
    """Each of the two in turn: what holds on one must hold on the other."""
    found: TestChain = request.getfixturevalue(request.param)
    return found

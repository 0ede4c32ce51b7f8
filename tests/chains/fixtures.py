"""Fixtures every test of the marker `chain` may use.

What they need is imported when one is asked for: tests without a chain shall not wait for it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.chains.servers import TestChain

Chains = Callable[[str], "TestChain"]


@pytest.fixture(scope="session")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chains]:
    """A running chain of the kind asked for; the one before, unless a test has turned its clock."""
    from tests.chains import servers

    start = {"embedded": servers.embedded, "anvil": servers.anvil}
    running: dict[str, TestChain] = {}
    homes: dict[str, ExitStack] = {}

    def of(kind: str) -> "TestChain":
        if kind in running and not running[kind].warped:
            return running[kind]
        homes.pop(kind, ExitStack()).close()
        homes[kind] = ExitStack()
        running[kind] = homes[kind].enter_context(start[kind](tmp_path_factory.mktemp(kind)))
        return running[kind]

    yield of
    for home in homes.values():
        home.close()


@pytest.fixture
def embedded(chains: Chains) -> "TestChain":
    """Our own chain."""
    return chains("embedded")


@pytest.fixture
def anvil(chains: Chains) -> "TestChain":
    """Foundry's chain."""
    from tests.chains import servers

    if not servers.ANVIL.exists():
        pytest.skip("needs anvil from npm: script/server installs it")
    return chains("anvil")


@pytest.fixture(params=["embedded", "anvil"])
def chain(request: pytest.FixtureRequest) -> "TestChain":
    """Each of the two in turn: what holds on one must hold on the other."""
    found: TestChain = request.getfixturevalue(request.param)
    return found

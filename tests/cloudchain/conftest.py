"""A chain in this process, on a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloudchain.small_chain import SmallChain


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallChain]:
    """Without a server: what the chain itself does."""
    chain = SmallChain(tmp_path)
    yield chain
    chain.close()

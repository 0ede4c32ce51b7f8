"""Every engine in turn. A test of the contract knows nothing else about it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from node_bridge import EmbeddedEngine, Limits, MemoryEngine, NodeEngine

Make = Callable[..., NodeEngine]


@pytest.fixture(params=["embedded", "memory"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """A maker of empty engines; takes `quota` and `limits`."""
    made = 0

    def make_engine(*, quota: int | None = None, limits: Limits | None = None) -> NodeEngine:
        nonlocal made
        made += 1
        if request.param == "memory":
            return MemoryEngine(quota=quota, limits=limits)
        root = tmp_path / str(made)
        return EmbeddedEngine(root, fsync=False, grace=0, quota=quota, limits=limits)

    return make_engine


@pytest.fixture
def engine(make: Make) -> NodeEngine:
    return make()

"""Every engine in turn. A test of the contract knows nothing else about it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from node_bridge import EmbeddedEngine, Limits, MemoryEngine, NodeEngine
from tests.kubo.pool import Pool

Make = Callable[..., NodeEngine]


@pytest.fixture(scope="session")
def kubos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """Kubo daemons that are emptied and lent out again; none is started before it is asked for."""
    pool = Pool(tmp_path_factory.mktemp("kubos"))
    yield pool
    pool.close()


@pytest.fixture(params=["embedded", "memory", pytest.param("kubo", marks=pytest.mark.network)])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """A maker of empty engines; takes `quota` and `limits`."""
    made = 0

    def make_engine(*, quota: int | None = None, limits: Limits | None = None) -> NodeEngine:
        nonlocal made
        made += 1
        if request.param == "memory":
            return MemoryEngine(quota=quota, limits=limits)
        if request.param == "kubo":
            kubos: Pool = request.getfixturevalue("kubos")
            return kubos.lend(quota=quota, limits=limits, grace=0)
        root = tmp_path / str(made)
        return EmbeddedEngine(root, fsync=False, grace=0, quota=quota, limits=limits)

    yield make_engine
    if request.param == "kubo":
        request.getfixturevalue("kubos").take_back()


@pytest.fixture
def engine(make: Make) -> NodeEngine:
    return make()

"""Kubos for these tests: emptied ones, lent out anew."""

from collections.abc import Iterator

import pytest

from node_bridge.kubo import KuboEngine
from script import kubos as daemons
from tests.kubo import clusters
from tests.kubo.pool import Pool


@pytest.fixture(scope="session")
def kubos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    pool = Pool(tmp_path_factory.mktemp("kubos"))
    yield pool
    pool.close()


@pytest.fixture
def pool(kubos: Pool) -> Iterator[Pool]:
    """Daemons that are emptied again after the test."""
    yield kubos
    kubos.take_back()


@pytest.fixture
def engine(pool: Pool) -> KuboEngine:
    return pool.lend()


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[daemons.Peer]]:
    """A cluster of this module's own."""
    with clusters.cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture
def open_engine() -> Iterator[clusters.Opened]:
    with clusters.engines() as opened:
        yield opened

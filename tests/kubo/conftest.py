"""Kubos for these tests: emptied ones, lent out anew."""

from collections.abc import Iterator

import pytest

from node_bridge.kubo import KuboEngine
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

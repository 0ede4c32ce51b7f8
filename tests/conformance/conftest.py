"""One real server with all fixtures in it, asked over HTTP as any client asks."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from node_bridge import EmbeddedEngine
from tests.conformance.fixtures import Fixtures
from tests.gateway.serving import Served, free_port, granian

APP = "tests.conformance.open_app:application"


@pytest.fixture(scope="session")
def fixtures() -> Fixtures:
    return Fixtures()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, fixtures: Fixtures) -> Path:
    """A node's folder into which every fixture came by CAR."""
    folder = tmp_path_factory.mktemp("conformance")
    engine = EmbeddedEngine(folder / "blocks", fsync=False)
    for archive in fixtures.archives():
        engine.import_car(BytesIO(archive))
    return folder


@pytest.fixture(scope="session")
def served(folder: Path) -> Iterator[Served]:
    port = free_port()
    environment = {"GATEWAY_FOLDER": str(folder), "GATEWAY_URL": f"http://127.0.0.1:{port}"}
    with granian(APP, environment, port=port) as served:
        yield served


@pytest.fixture(scope="session")
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, headers={"Accept": "*/*"}) as client:
        yield client

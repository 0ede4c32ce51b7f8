"""People around the network: who publishes, who watches, who runs nodes."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.nodes.pretend import Crowd, stand_in
from wetube.people.models import User


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def _own_keys(settings: Settings, keys: Path) -> None:
    """A gateway of these tests' own name."""
    settings.KEYS_DIR = keys


@pytest.fixture
def crowd(db: None, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    """Nodes without processes."""
    return stand_in(monkeypatch)


@pytest.fixture
def alice() -> User:
    """Publishes."""
    return User.objects.create(name="alice")


@pytest.fixture
def bob() -> User:
    """Watches."""
    return User.objects.create(name="bob")


@pytest.fixture
def olga() -> User:
    """Runs nodes."""
    return User.objects.create(name="olga")

"""People around the network: who publishes, who watches, who runs nodes."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.nodes.pretend import Crowd, stand_in
from wetube.people.models import User


@pytest.fixture(autouse=True)
def _own_keys(settings: Settings, tmp_path: Path) -> None:
    """A gateway of this test's own name."""
    settings.KEYS_DIR = tmp_path / "keys"


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

"""People around the network: who publishes, who watches, who runs nodes."""

import pytest

from wetube.people.models import User


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

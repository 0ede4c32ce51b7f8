"""People with coin, and books that several threads may write at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from wetube.people.models import User


@pytest.fixture
def shared_books(
    transactional_db: None, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A database of its own that really commits: a SQLite file, or PostgreSQL where that runs."""
    if connection.vendor == "postgresql":
        yield
        return
    path = tmp_path / "books.sqlite3"
    with django_db_blocker.unblock(), closing(sqlite3.connect(path)) as file:
        connection.ensure_connection()
        connection.connection.backup(file)
    usual, before = connections["default"], connections.settings["default"]
    connections.settings["default"] = {**before, "NAME": str(path)}
    del connections["default"]
    with django_db_blocker.unblock():
        yield
        connections["default"].close()
    connections.settings["default"] = before
    connections["default"] = usual


@pytest.fixture
def alice() -> User:
    """Publishes."""
    return User.objects.create(name="alice")


@pytest.fixture
def bob() -> User:
    """Watches."""
    return User.objects.create(name="bob")


@pytest.fixture
def carol() -> User:
    """Watches, too."""
    return User.objects.create(name="carol")

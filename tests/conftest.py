"""What holds for every test: no network beyond this machine, nothing kept from one to the next."""

import os
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection, connections
from pytest_django import DjangoDbBlocker, Settings
from pytest_socket import socket_allow_hosts

from node_bridge import MemoryEngine
from tests import make
from tests.cloudcoin.wiping import wipes_lift_the_guards
from wetube.content import network
from wetube.people.models import Channel, User

pytest_plugins = ["tests.chains.fixtures", "tests.chains.deployed"]


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup() -> None:
    """Servers of our own on loopback and unix sockets are fine; nothing else is reached."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test skipped because it "needs" a tool is a failure in CI, where every tool is to be."""
    report = yield
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
    if os.environ.get("CI") and report.skipped and "needs " in reason:
        report.outcome = "failed"
        report.longrepr = f"Nothing is skipped in CI for want of a tool: {reason}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _books_may_be_wiped() -> Iterator[None]:
    with wipes_lift_the_guards():
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_connection_outlives_its_work() -> None:
    """A thread of a pool would keep its connection, and PostgreSQL its test database."""
    connections.settings["default"]["CONN_MAX_AGE"] = 0


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """PostgreSQL removes its test database only when nobody is connected any more."""
    yield
    with django_db_blocker.unblock():
        _end_other_sessions()


def _end_other_sessions(patience: float = 6.0) -> None:
    """The till's thread lets go some seconds after its last voucher; a pool's never does."""
    if connection.vendor != "postgresql":
        return
    others = "FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    name = [connection.settings_dict["NAME"]]
    until = time.monotonic() + patience
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(f"SELECT count(*) {others}", name)
            if not cursor.fetchone()[0]:
                return
            time.sleep(0.2)
        cursor.execute(f"SELECT pg_terminate_backend(pid) {others}", name)


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _own_world(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A cache, rooms, folders and a node of this test's own."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.CLOUDCOIN_RPC = ""
    settings.UPLOADS_DIR = tmp_path / "uploads"
    settings.WORK_DIR = tmp_path / "work"
    engine = MemoryEngine()
    monkeypatch.setattr(network, "engine", lambda: engine)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    """Alice publishes films."""
    return make.user("alice")


@pytest.fixture
def bob(db: None) -> User:
    """Bob watches them."""
    return make.user("bob")


@pytest.fixture
def channel(alice: User) -> Channel:
    return make.channel(alice, "alices-films")

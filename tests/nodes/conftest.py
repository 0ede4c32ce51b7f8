"""People around the network: who publishes, who watches, who runs nodes."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.nodes import make_jobs, make_pay
from tests.nodes.make_audits import aged
from tests.nodes.make_statements import NODE, URL, statement
from tests.nodes.pretend import Crowd, PretendNode, held, rounds, stand_in
from tests.nodes.test_placing import placed
from wetube.nodes import joining, registering
from wetube.nodes.models import Lease, Node
from wetube.people.models import User


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(autouse=True)
def _own_keys(settings: Settings, keys: Path) -> None:
    """A gateway of these tests' own name."""
    settings.KEYS_DIR = keys


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's transaction is a connection's, which an async question would close on its way."""
    monkeypatch.setattr("channels.db.close_old_connections", lambda: None)


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


@pytest.fixture
def token(db: None, olga: User) -> str:
    return registering.new_token(olga)


@pytest.fixture
def node(token: str, crowd: Crowd) -> Node:
    """Olga's, registered, called back, and heard of a while ago."""
    crowd.nodes[URL] = PretendNode(NODE)
    made = registering.register(statement(ago=30), token=token)
    joining.call_back(made.pk)
    return Node.objects.get()


@pytest.fixture
def olgas(olga: User) -> Node:
    """Olga's, with free slots, and coin to pay it with."""
    make_pay.fund_nodes(10**6)
    return make_jobs.worker(olga)


@pytest.fixture
def lease(crowd: Crowd) -> Lease:
    """A large enough copy on one of four nodes, held for a day."""
    crowd.join(4, prices={"storage": 10**7, "delivery": 0, "compute": {}})
    placement = placed(b"scene" * 500_000, copies=3)
    rounds()
    return aged(held(placement)[0])

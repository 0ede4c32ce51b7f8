"""Nodes on loopback, and a fetcher that may read from them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from threading import Event

import pytest

from gateway.node import certificates
from gateway.node.certificates import Certificate
from node_bridge import MemoryEngine
from node_bridge.network import hunting
from node_bridge.network.fetching import Fetcher
from node_bridge.network.providers import Listed, Provider
from tests.network.peers import LOOPBACK, Answer, Peer

Started = Callable[[Answer], Peer]
Fetching = Callable[..., Fetcher]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificates.own(tmp_path_factory.mktemp("certificate"), "a node of the tests")


@pytest.fixture
def ended() -> Iterator[Event]:
    """Set when the test is over, for peers that would wait on and on."""
    event = Event()
    yield event
    event.set()


@pytest.fixture
def peer(certificate: Certificate, ended: Event) -> Iterator[Started]:
    """Starts nodes."""
    with ExitStack() as running:

        def start(answer: Answer) -> Peer:
            return running.enter_context(closing(Peer(certificate, answer)))

        yield start
        ended.set()


@pytest.fixture
def fetching(peer: Started, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fetching]:
    """Makes fetchers that find these providers; stopped before the peers are."""
    monkeypatch.setattr(hunting, "AGAIN", 0.01)
    with ExitStack() as running:

        def make(providers: Sequence[Provider], **how: object) -> Fetcher:
            how = {"guard": LOOPBACK, "seconds": 5.0, **how}
            fetcher = Fetcher(Listed(providers), **how)  # type: ignore[arg-type]
            return running.enter_context(closing(fetcher))

        yield make


@pytest.fixture
def engine() -> MemoryEngine:
    return MemoryEngine()

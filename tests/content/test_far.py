"""Where the site reads what its own node lacks: whom it asks, and whom it does not."""

from collections.abc import Iterator
from threading import Event, get_ident

import pytest
from pytest_django import Settings

from node_bridge import NotFound, cid
from node_bridge.network.failures import BadAddress, NobodyHas, PrivateAddress
from node_bridge.network.providers import Provider
from wetube.content import far

KEY = cid.of(b"nobody has this here")


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """Each test has a fetcher of its own, made of its settings."""
    far.fetcher.cache_clear()
    far.engine.cache_clear()
    yield
    far.fetcher().close()
    far.fetcher.cache_clear()
    far.engine.cache_clear()


def test_finders_of_other_apps_are_asked_in_threads_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    class Finder:
        def find(self, block: str, root: str) -> list[Provider]:
            asked.append((block, root, get_ident()))
            return []

    monkeypatch.setattr(far, "_finders", [Finder()])
    with pytest.raises(NotFound):
        far.fetcher().block(KEY, str(KEY))
    ((block, root, thread),) = asked
    assert block == root == str(KEY)
    assert thread != get_ident()


def test_a_database_that_does_not_answer_knows_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Event()

    class Stuck:
        def find(self, block: str, root: str) -> list[Provider]:
            answers.wait(10)
            return []

    monkeypatch.setattr(far, "LOOK", 0.05)
    monkeypatch.setattr(far, "_finders", [Stuck()])
    with pytest.raises(NotFound):
        far.fetcher().block(KEY, str(KEY))
    answers.set()


def test_nodes_named_in_the_settings_are_asked_and_private_ones_are_not_called(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(far, "_finders", [])
    settings.NETWORK_PEERS = ["https://127.0.0.1:9#" + "ab" * 32]
    settings.NODE_RANGES = []
    with pytest.raises(NobodyHas) as caught:
        far.fetcher().block(KEY, str(KEY))
    assert type(caught.value.why["https://127.0.0.1:9"]) is PrivateAddress


def test_a_name_in_the_settings_that_is_none_is_said(settings: Settings) -> None:
    settings.NETWORK_PEERS = ["http://node.example"]
    with pytest.raises(BadAddress):
        far.fetcher()
    settings.NETWORK_PEERS = []

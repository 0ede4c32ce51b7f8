"""A node in this process, without its chores, and its gateway beside it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.node import composing
from gateway.node.app import NodeApp
from gateway.node.composing import Parts
from gateway.node.config import Config
from node_bridge.network.identity import Identity
from tests.node.calling import Caller

Make = Callable[..., Caller]


@pytest.fixture
def make_node(tmp_path: Path) -> Iterator[Make]:
    """Nodes with settings as node.toml writes them; each is closed at the end."""
    made: list[Parts] = []

    def make(**settings: Any) -> Caller:
        folder = tmp_path / f"node-{len(made)}"
        folder.mkdir()
        gateway = settings.pop("by", None) or Identity.create()
        said = {"gateway": "https://gateway.example", "gateway_id": gateway.peer_id}
        config = Config.of(folder, {"quota": "64 MB", **said, **settings})
        parts = composing.parts_of(config, fsync=False)
        made.append(parts)
        app: NodeApp = composing.compose(parts)
        return Caller(app, parts, gateway)

    yield make
    for parts in made:
        parts.close()


@pytest.fixture
def node(make_node: Make) -> Caller:
    """A node that sells nothing and gives nothing away: its gateway alone reads there."""
    return make_node()

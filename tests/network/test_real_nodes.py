"""Reading from nodes that really run: one dies, one is the gateway's to pay, none is trusted."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from io import BytesIO
from random import Random

import pytest

from node_bridge import MemoryEngine
from node_bridge.network.fetching import Fetcher
from node_bridge.network.identity import Identity
from node_bridge.network.providers import Listed, Provider
from node_bridge.network_engine import NetworkEngine
from tests.network.peers import LOOPBACK, wait_for
from tests.network.test_paying import Limited
from tests.node.nodes import Running, start_node

pytestmark = pytest.mark.network

FILM = Random(6).randbytes((12 << 20) + 5)


@pytest.fixture(scope="module")
def film() -> MemoryEngine:
    engine = MemoryEngine()
    engine.add([FILM], pin="film")
    return engine


@pytest.fixture(scope="module")
def gateway() -> Identity:
    return Identity.create()


@pytest.fixture(scope="module")
def nodes(
    film: MemoryEngine, gateway: Identity, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Running]]:
    """Three nodes that keep the film."""
    (pin,) = film.pins()
    archive = b"".join(film.export_car(pin.cid))
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                start_node(
                    tmp_path_factory.mktemp("node"),
                    gateway=gateway,
                    prices={"storage": "0", "delivery": "0.001"},
                )
            )
            for _ in range(3)
        ]
        for node in started:
            assert node.give(pin.cid, film.repo_stat().used, archive).status == 200
        yield started


def test_a_node_killed_midway_is_not_felt(film: MemoryEngine, nodes: list[Running]) -> None:
    (pin,) = film.pins()
    with closing(Fetcher(Listed([node.provider for node in nodes]), guard=LOOPBACK)) as fetcher:
        far = NetworkEngine(MemoryEngine(), fetcher)
        read = BytesIO()
        for number, piece in enumerate(far.cat(pin.cid)):
            read.write(piece)
            if number == 2:
                nodes[0].kill()
    nodes[0].start()
    assert read.getvalue() == FILM


def test_a_read_under_an_order_is_paid_for_to_the_byte(
    film: MemoryEngine, nodes: list[Running], gateway: Identity
) -> None:
    """Past the node's window of unpaid bytes nothing would come without receipts."""
    (pin,) = film.pins()
    node, client, made = nodes[1], Identity.create(), list[Limited]()

    def order(root: str) -> Limited:
        until = int(time.time()) + 300
        made.append(Limited(64 << 20, root, gateway, client, node.peer_id, until))
        return made[-1]

    provider = Provider(node.peer_id, node.url, node.certificate, paid=order)
    with closing(Fetcher(Listed([provider]), guard=LOOPBACK)) as fetcher:
        pulled = NetworkEngine(MemoryEngine(), fetcher).fetch(pin.cid)
        wait_for(lambda: made[0].signed[-1:] == [pulled.size])
    assert len(made) == 1
    assert pulled.size == film.repo_stat().used

"""A real node, in a process of its own: what it acknowledged it keeps, whatever happens to it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from node_bridge.network import challenges
from node_bridge.network.identity import Identity
from tests.node import graphs
from tests.node.nodes import Running, start_node

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with start_node(tmp_path_factory.mktemp("node"), quota="200 MB", free_reads=True) as running:
        yield running


def read(node: Running, key: object) -> bytes:
    path = f"/ipfs/{key}?format=raw"
    answer = node.ask("GET", path, authorization=node.signed("GET", path, b""))
    assert answer.status == 200, answer
    return answer.body


def test_what_is_pushed_is_held_served_and_proved(node: Running) -> None:
    film = graphs.film(3 << 20, seed=1)
    held = node.give(film.cid, film.size, film.archive)
    assert held.status == 200
    assert held.said["state"] == "held"
    assert held.said["have"] == film.size
    for key, data in film.blocks:
        assert read(node, key) == data
    leaf = str(film.blocks[-1][0])
    question = challenges.ask([leaf])
    proof = node.order(
        "POST",
        "/wt/v1/audits",
        {
            "serial": held.said["serial"],
            "nonce": question.nonce.hex(),
            "blocks": [leaf],
            "deadline": time.time() + 10,
        },
    )
    assert proof.said == {"root": challenges.root(question.nonce, [film.blocks[-1][1]]).hex()}


def test_one_node_fetches_from_another(node: Running, tmp_path: Path) -> None:
    film = graphs.film(5 << 20, seed=2)
    assert node.give(film.cid, film.size, film.archive).status == 200
    with start_node(tmp_path / "other", gateway=node.gateway) as other:
        source = {"url": node.url, "certificate": node.certificate, "peer_id": node.peer_id}
        lease = other.lease(film.cid, film.size, serial="fromanother")
        taken = other.order("POST", "/wt/v1/leases", {"lease": lease, "sources": [source]})
        assert taken.status == 202
        said = other.wait_for("fromanother", "held")
        assert said["have"] == film.size
        assert read(other, film.blocks[0][0]) == film.blocks[0][1]


def test_a_killed_node_has_all_it_acknowledged(tmp_path: Path) -> None:
    gateway = Identity.create()
    film = graphs.film(4 << 20, seed=3)
    with start_node(tmp_path / "node", gateway=gateway) as node:
        held = node.give(film.cid, film.size, film.archive)
        node.kill()
        node.start()
        said = node.order("GET", f"/wt/v1/leases/{held.said['serial']}").said
        assert said["state"] == "held"
        for key, data in film.blocks:
            assert read(node, key) == data

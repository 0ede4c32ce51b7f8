"""A real node, in a process of its own: what it acknowledged it keeps, whatever happens to it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.node import order_book
from gateway.node.book import Book
from node_bridge.network import challenges, orders
from node_bridge.network.identity import Identity
from node_bridge.network.orders import OrderLimit
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


def test_a_node_buys_from_another_under_the_gateways_order_limit(
    node: Running, tmp_path: Path
) -> None:
    film = graphs.film(9 << 20, seed=4)
    gateway = node.gateway
    with (
        start_node(tmp_path / "seller", gateway=gateway, prices={"delivery": "0.01"}) as seller,
        start_node(tmp_path / "buyer", gateway=gateway) as buyer,
    ):
        assert seller.give(film.cid, film.size, film.archive).status == 200
        limit = OrderLimit(
            gateway=gateway.peer_id,
            client=buyer.peer_id,
            node=seller.peer_id,
            serial=orders.new_serial(),
            root=film.cid,
            max_bytes=film.size * 2,
            price=1_000_000,
            expires=int(time.time()) + 600,
        )
        source = {
            "url": seller.url,
            "certificate": seller.certificate,
            "peer_id": seller.peer_id,
            "authorization": f"Bearer {orders.issue(gateway, limit)}",
        }
        lease = buyer.lease(film.cid, film.size, serial="bought")
        buyer.order("POST", "/wt/v1/leases", {"lease": lease, "sources": [source]})
        assert buyer.wait_for("bought", "held")["have"] == film.size
        seller.kill()
        sold = Book(seller.folder / "book.sqlite3")
        row = order_book.find(sold, limit.serial)
        sold.close()
    assert row is not None
    assert film.size - orders.WINDOW <= row.received <= film.size


def test_a_block_the_disk_spoils_is_fetched_anew(node: Running, tmp_path: Path) -> None:
    film = graphs.film(2 << 20, seed=5)
    assert node.give(film.cid, film.size, film.archive).status == 200
    with start_node(tmp_path / "other", gateway=node.gateway) as other:
        source = {"url": node.url, "certificate": node.certificate, "peer_id": node.peer_id}
        lease = other.lease(film.cid, film.size, serial="spoiled")
        other.order("POST", "/wt/v1/leases", {"lease": lease, "sources": [source]})
        other.wait_for("spoiled", "held")
        key, data = film.blocks[-1]
        name = key.digest.hex()
        place = other.folder / "store" / "blocks" / name[:2] / name
        place.write_bytes(data[:-1] + b"?")
        path = f"/ipfs/{key}?format=raw"
        assert other.order("GET", path).status == 410
        other.wait_for("spoiled", "held")
        assert read(other, key) == data

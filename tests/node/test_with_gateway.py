"""A real node and its gateway: it registers, beats, fetches, obeys, and leaves in good order."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.node import command, flags
from tests.node import fake_gateway, graphs
from tests.node.fake_gateway import Gateway
from tests.node.graphs import Made
from tests.node.nodes import Running, start_node

pytestmark = pytest.mark.network

FILM = graphs.film(6 << 20)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with fake_gateway.running() as gateway:
        yield gateway


@pytest.fixture
def node(gateway: Gateway, tmp_path: Path) -> Iterator[Running]:
    with start_node(
        tmp_path / "own",
        gateway=gateway.identity,
        gateway_url=gateway.url,
        token="wto_good",
        quota="40 MB",
        prices={"storage": "0.5"},
    ) as running:
        yield running


def source(gateway: Gateway, graph: Made, *pieces: bytes, grant: str = "abc") -> str:
    """An address of this graph's archive under a grant, made of these pieces."""
    gateway.archives[f"/g/{grant}/ipfs/{graph.cid}?format=car&dag-scope=all"] = lambda: iter(pieces)
    return f"{gateway.url}/g/{grant}/ipfs/{graph.cid}"


def fetch(node: Running, graph: Made, serial: str, *sources: object) -> None:
    lease = node.lease(graph.cid, graph.size, serial=serial, price=10**8)
    said = {"lease": lease, "sources": list(sources)}
    assert node.order("POST", "/wt/v1/leases", said).status == 202


def test_it_registers_and_says_what_it_offers(gateway: Gateway, node: Running) -> None:
    gateway.until(lambda: gateway.heard)
    said = gateway.heard[-1]
    assert said.peer_id == node.peer_id
    assert said.urls == (node.url,)
    assert said.certificate == node.certificate
    assert (said.capacity, said.prices.storage) == (40_000_000, 50_000_000)
    assert 0 < said.free <= said.capacity


def test_it_fetches_a_lease_from_the_gateway_by_its_grant(gateway: Gateway, node: Running) -> None:
    fetch(node, FILM, "good", source(gateway, FILM, FILM.archive))
    assert node.wait_for("good", "held")["have"] == FILM.size


def test_a_source_that_lies_breaks_off_or_sends_others_is_passed_over(
    gateway: Gateway, node: Running
) -> None:
    film = graphs.film(3 << 20, seed=7)
    changed = film.archive[:-1] + bytes([film.archive[-1] ^ 1])
    other = graphs.film(1000, seed=8)
    sources = [
        source(gateway, film, changed, grant="liar"),
        source(gateway, film, other.archive, grant="other"),
        source(gateway, film, film.archive[: len(film.archive) // 2], grant="short"),
        source(gateway, film, film.archive, grant="honest"),
    ]
    fetch(node, film, "among", *sources)
    assert node.wait_for("among", "held")["have"] == film.size


def test_a_graph_that_weighs_more_than_its_lease_is_refused_by_name(
    gateway: Gateway, node: Running
) -> None:
    film = graphs.film(2 << 20, seed=9)
    place = source(gateway, film, film.archive)
    lease = node.lease(film.cid, film.size - 1, serial="heavy", price=10**8)
    node.order("POST", "/wt/v1/leases", {"lease": lease, "sources": [place]})
    said = node.wait_for("heavy", "refused")
    assert (said["error"], said["have"]) == ("wrong-size", 0)
    path = f"/ipfs/{film.cid}?format=car"
    assert node.ask("GET", path).status == 404


def test_a_node_killed_while_it_fetches_goes_on_from_there(
    tmp_path: Path, gateway: Gateway
) -> None:
    film = graphs.film(40 << 20, seed=10)
    pieces = [film.archive[at : at + (1 << 20)] for at in range(0, len(film.archive), 1 << 20)]

    def slowly() -> Iterator[bytes]:
        for piece in pieces:
            time.sleep(0.05)
            yield piece

    path = f"/g/slow/ipfs/{film.cid}?format=car&dag-scope=all"
    gateway.archives[path] = slowly
    with start_node(tmp_path / "node", gateway=gateway.identity, quota="1 GB") as node:
        fetch(node, film, "slow", f"{gateway.url}/g/slow")
        blocks = node.folder / "store" / "blocks"
        gateway.until(lambda: any(blocks.glob("*/*")))
        node.kill()
        assert 0 < len(list(blocks.glob("*/*"))) < len(film.blocks)
        gateway.archives[path] = lambda: iter(pieces)
        node.start()
        assert node.wait_for("slow", "held")["have"] == film.size
        assert node.order("GET", f"/ipfs/{film.blocks[-1][0]}?format=raw").status == 200


def test_it_renews_and_drops_as_the_gateway_says(gateway: Gateway, node: Running) -> None:
    film, other = graphs.film(1000, seed=11), graphs.film(1000, seed=12)
    node.give(film.cid, film.size, film.archive, serial="renewed", price=10**8)
    node.give(other.cid, other.size, other.archive, serial="over", price=10**8)
    later = int(time.time()) + 86_400
    lease = node.lease(film.cid, film.size, serial="renewed", not_after=later, price=10**8)
    gateway.answer = {"state": "active", "again_in": 1, "leases": [lease, "x"], "drop": ["over"]}
    gateway.until(lambda: node.order("GET", "/wt/v1/leases/over").status == 404)
    assert node.order("GET", "/wt/v1/leases/renewed").said["until"] == later


def status_of(node: Running, capsys: pytest.CaptureFixture[str]) -> str:
    assert command.main(["status", "--data", str(node.folder)]) == 0
    return capsys.readouterr().out


def test_it_leaves_when_the_gateway_lets_it_go(
    gateway: Gateway, node: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.until(lambda: gateway.heard)
    gateway.answer = {"state": "leaving", "again_in": 1}
    assert command.main(["leave", "--data", str(node.folder)]) == 0
    assert "Keep it running" in capsys.readouterr().out
    film = graphs.film(1000, seed=12)
    assert node.give(film.cid, film.size, film.archive, price=10**8).status == 409
    gateway.until(lambda: gateway.heard[-1].free == 0)
    gateway.until(lambda: "leaving" in status_of(node, capsys))
    assert node.order("GET", "/health").said["status"] == "ok"
    assert "/nodes/v1/exit" in gateway.asked
    gateway.answer = {"state": "gone"}
    assert node.process.wait(30) == 0


def test_who_the_gateway_is_is_asked_once_and_kept(tmp_path: Path, gateway: Gateway) -> None:
    words = ["--gateway", gateway.url, "--listen", "127.0.0.1:1", "--token", "wto_good"]
    said = flags.parser().parse_args([*words, "--data", str(tmp_path)])
    assert command.settled(tmp_path, said).gateway_id == gateway.identity.peer_id
    assert f'gateway_id = "{gateway.identity.peer_id}"' in (tmp_path / "node.toml").read_text()
    assert (tmp_path / "operator.token").stat().st_mode & 0o777 == 0o600

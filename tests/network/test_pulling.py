"""Bringing whole graphs here: what is missing, all of it, within bounds, on from where it broke."""

from random import Random
from ssl import SSLSocket

import pytest

from node_bridge import Limits, MemoryEngine, NodeError, NotFound, OverQuota, TooBig, cid, dagpb
from node_bridge.cid import DAG_PB
from node_bridge.network import pulling
from node_bridge.network.failures import NobodyHas
from node_bridge.network_engine import NetworkEngine
from tests.network.conftest import Fetching, Started
from tests.network.peers import Asked, Peer, always, honest, status

FILM = Random(5).randbytes((20 << 20) + 1)


@pytest.fixture
def there() -> MemoryEngine:
    return MemoryEngine()


@pytest.fixture
def film(there: MemoryEngine) -> str:
    return there.add_dir({"film": there.add([FILM]).cid, "same": there.add([FILM]).cid}).cid


@pytest.fixture
def node(peer: Started, there: MemoryEngine) -> Peer:
    return peer(honest(there))


def network(own: MemoryEngine, node: Peer, fetching: Fetching, **limits: int) -> NetworkEngine:
    return NetworkEngine(own, fetching([node.provider()]), Limits(**limits))


def test_all_of_it_comes_once_and_is_kept(
    engine: MemoryEngine, node: Peer, fetching: Fetching, film: str
) -> None:
    pulled = network(engine, node, fetching).fetch(film, pin="kept")
    assert b"".join(engine.cat(f"{film}/same")) == FILM
    assert [pin.cid for pin in engine.pins(name="kept")] == [film]
    assert pulled.blocks == len(node.asked) == engine.repo_stat().blocks
    assert pulled.size == engine.repo_stat().used


def test_whoever_paces_it_hears_of_every_byte_that_came(
    engine: MemoryEngine, node: Peer, fetching: Fetching, film: str
) -> None:
    heard: list[int] = []
    root, fetcher = cid.parse(film), fetching([node.provider()])
    pulled = pulling.pull(root, engine, fetcher, Limits(), paced=heard.append)
    assert (len(heard), sum(heard)) == (pulled.blocks, pulled.size)


def test_what_is_here_is_not_fetched(
    engine: MemoryEngine, node: Peer, fetching: Fetching, film: str
) -> None:
    engine.add([FILM])
    pulled = network(engine, node, fetching).fetch(film)
    assert pulled.blocks == len(node.asked) == 1
    assert engine.has(film, recursive=True)
    again = network(engine, node, fetching).fetch(film)
    assert (again.blocks, again.size, len(node.asked)) == (0, 0, 1)


def test_it_goes_on_from_where_it_broke(
    engine: MemoryEngine, peer: Started, fetching: Fetching, there: MemoryEngine, film: str
) -> None:
    good, gone = honest(there), 0

    def answer(asked: Asked, line: SSLSocket) -> bytes | None:
        nonlocal gone
        gone += 1
        return status(500) if gone > 10 else good(asked, line)

    broken, sound = peer(answer), peer(good)
    with pytest.raises(NobodyHas):
        network(engine, broken, fetching).fetch(film, pin="kept")
    assert list(engine.pins()) == []
    came = engine.repo_stat().blocks
    assert came >= 2
    pulled = network(engine, sound, fetching).fetch(film, pin="kept")
    assert came + pulled.blocks == engine.repo_stat().blocks
    assert engine.has(film, recursive=True)


def test_a_part_that_nobody_has_leaves_no_pin(
    engine: MemoryEngine, peer: Started, fetching: Fetching, there: MemoryEngine, film: str
) -> None:
    lost = str(cid.of(FILM[-1:]))
    good = honest(there)
    node = peer(lambda asked, line: status(404) if asked.cid == lost else good(asked, line))
    with pytest.raises(NotFound):
        network(engine, node, fetching).fetch(film, pin="kept")
    assert list(engine.pins()) == []


def test_no_room_is_said_and_nothing_is_pinned(node: Peer, fetching: Fetching, film: str) -> None:
    own = MemoryEngine(quota=5 << 20)
    with pytest.raises(OverQuota):
        network(own, node, fetching).fetch(film, pin="kept")
    assert list(own.pins()) == []


@pytest.mark.parametrize(
    "limits", [{"walk_blocks": 10}, {"walk_bytes": 5 << 20}, {"waiting": 5}, {"depth": 1}]
)
def test_a_graph_past_the_bounds_is_refused(
    engine: MemoryEngine, node: Peer, fetching: Fetching, film: str, limits: dict[str, int]
) -> None:
    with pytest.raises(TooBig):
        network(engine, node, fetching, **limits).fetch(film, pin="kept")
    assert list(engine.pins()) == []
    assert len(node.asked) <= 22


def test_a_chain_without_end_is_given_up(
    engine: MemoryEngine, node: Peer, fetching: Fetching, there: MemoryEngine
) -> None:
    top = chain(there, depth=200, width=1)
    with pytest.raises(TooBig):
        network(engine, node, fetching).fetch(top)
    assert len(node.asked) < 100


def test_children_that_are_shared_are_fetched_once(
    engine: MemoryEngine, node: Peer, fetching: Fetching, there: MemoryEngine
) -> None:
    """Twenty blocks that fold out to a million."""
    top = chain(there, depth=20, width=2)
    assert network(engine, node, fetching).fetch(top).blocks == 21


def chain(there: MemoryEngine, *, depth: int, width: int) -> str:
    """So many nodes below each other, each linked to as often as `width` says."""
    key = cid.of(b"the end")
    there.put_block(b"the end")
    for _ in range(depth):
        links = [dagpb.Link(str(number), 1, key) for number in range(width)]
        data = dagpb.encode(b"\x08\x01", links)
        there.put_block(data, codec="dag-pb")
        key = cid.of(data, DAG_PB)
    return str(key)


def test_bytes_that_are_no_node_are_refused(
    engine: MemoryEngine, peer: Started, fetching: Fetching
) -> None:
    """The block matches its CID, which says that it is dag-pb, and is not."""
    junk = b"\xff" * 100
    node = peer(always(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + junk))
    with pytest.raises(NodeError):
        network(engine, node, fetching).fetch(str(cid.of(junk, DAG_PB)), pin="kept")
    assert list(engine.pins()) == []

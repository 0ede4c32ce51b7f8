"""Three Kubos under ipfs-cluster: copies are made as asked for, and each peer reads them all."""

from contextlib import closing
from random import Random

import pytest

from node_bridge import EngineDown, NotFound
from node_bridge.cluster import ClusterPins, Copies
from node_bridge.kubo import KuboEngine
from node_bridge.kubo_rpc import Rpc
from script import kubos
from tests.kubo.clusters import Opened, local, until

pytestmark = pytest.mark.network

MIB = 1 << 20
FILM = Random(42).randbytes(3 * MIB + 5)


def test_as_many_copies_as_were_asked_for_and_each_peer_can_read(
    peers: list[kubos.Peer], open_engine: Opened
) -> None:
    engine, book = open_engine(peers[0], least=2, most=2)

    cid = engine.add([FILM], pin="site").cid

    status = book.status(cid, "site")
    assert status.copies == len(status.allocations) == 2
    assert sorted(status.peers.values()) == ["pinned", "pinned", "remote"]
    for peer in peers:
        if peer.id in status.allocations:
            assert local(peer, cid)
        reader, _ = open_engine(peer, least=2, most=2)
        assert b"".join(reader.cat(cid, MIB - 1, 5)) == FILM[MIB - 1 : MIB + 4]
        assert len(b"".join(reader.export_car(cid))) > len(FILM)


def test_pins_have_names_as_in_every_engine(peers: list[kubos.Peer], open_engine: Opened) -> None:
    engine, book = open_engine(peers[0], least=1, most=3)
    cid = engine.add([b"two names"]).cid
    first, second = engine.pin(cid, name="a"), engine.pin(cid, name="b")

    assert list(engine.pins(cid=cid)) == [first, second]
    assert engine.pin(cid, name="a") == first
    engine.unpin(cid, name="a")
    until(lambda: list(engine.pins(cid=cid)) == [second])
    engine.unpin(cid)
    until(lambda: list(engine.pins(cid=cid)) == [])
    with pytest.raises(NotFound):
        book.status(cid, "a")
    engine.unpin(cid)


def test_too_few_peers_for_the_copies_is_a_failure_that_says_so(
    peers: list[kubos.Peer], open_engine: Opened
) -> None:
    engine, book = open_engine(peers[0], least=4, most=4)
    cid = engine.add([b"four copies on three peers"]).cid

    with pytest.raises(EngineDown, match="not enough peers"):
        engine.pin(cid, name="site")

    assert book.find(cid, "site") == []


@pytest.mark.parametrize(("least", "most"), [(0, 3), (3, 2), (-1, -1)])
def test_everywhere_is_no_answer(least: int, most: int) -> None:
    with pytest.raises(ValueError, match="at least one copy"):
        Copies(least, most)


def test_a_cluster_that_is_away_keeps_nothing(peers: list[kubos.Peer]) -> None:
    url = f"http://127.0.0.1:{kubos.free_port()}"
    with closing(ClusterPins(url)) as book, closing(Rpc(peers[0].kubo.rpc)) as rpc:
        engine = KuboEngine(rpc, pins=book)
        with pytest.raises(EngineDown, match="does not answer"):
            engine.add([b"away"], pin="site")
        with pytest.raises(EngineDown, match="does not answer"):
            list(engine.pins())

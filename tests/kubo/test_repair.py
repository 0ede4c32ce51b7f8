"""A cluster whose peer dies makes its copies anew, and nobody has to ask."""

from random import Random

import pytest

from script import kubos
from tests.kubo.clusters import Opened, local, until

pytestmark = pytest.mark.network

FILM = Random(44).randbytes((3 << 20) + 5)


def test_a_copy_is_made_anew_when_a_peer_dies(peers: list[kubos.Peer], open_engine: Opened) -> None:
    engine, book = open_engine(peers[0], least=2, most=2)
    cid = engine.add([FILM], pin="site").cid
    held = book.status(cid, "site").allocations
    victim = next(peer for peer in peers[1:] if peer.id in held)

    victim.kill()

    until(lambda: victim.id not in book.status(cid, "site").allocations)
    until(lambda: book.status(cid, "site").copies == 2)
    others = [peer for peer in peers if peer is not victim]
    assert all(local(peer, cid) for peer in others)
    assert b"".join(engine.cat(cid)) == FILM

"""Blocks on their way into the store, each checked against its CID and its place in the graph."""

from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from gateway.node import holdings
from gateway.node.book import Book
from gateway.node.failures import BadBytes, BlockTooLarge
from gateway.node.graph import Graph
from gateway.node.holdings import Holding
from gateway.node.store import Store
from node_bridge import BadCar, Corrupt, NotFound, TooBig
from node_bridge.car import Archive
from node_bridge.cid import ParsedCid

BOUT = 16 << 20  # bytes stored together: what a kill costs at most
OVERHEAD = 16 << 20  # bytes by which an archive may be larger than twice its blocks

Blocks = Iterator[tuple[ParsedCid, bytes]]


def known(holding: Holding, store: Store) -> Graph:
    """The graph as far as it is in the store already; raises WrongSize, TooLarge, BrokenGraph.

    Damaged blocks count as missing.
    """
    graph = Graph(holding.cid, holding.size)
    ahead = deque(graph.wanted())
    while ahead:
        key = ahead.popleft()
        data = _own(key, store)
        if data is not None:
            ahead.extend(graph.add(key, data) or ())
    return graph


def archived(src: BinaryIO, graph: Graph) -> Blocks:
    """The blocks in an archive that the graph still lacks.

    Raises BadBytes, BlockTooLarge and Foreign for what the sender did, WrongSize, TooLarge and
    BrokenGraph for what the graph is, and what `src` raises.
    """
    try:
        for key, data in Archive(src, max_bytes=2 * graph.size + OVERHEAD).blocks():
            if graph.add(key, data) is not None:
                yield key, bytes(data)
    except TooBig as error:
        raise BlockTooLarge(str(error)) from error
    except (Corrupt, BadCar) as error:
        raise BadBytes(str(error)) from error


def in_bouts(coming: Blocks, store: Store) -> None:
    """Store what comes, and what came also when it breaks off; raises OverQuota."""
    bout: list[tuple[ParsedCid, bytes]] = []
    waiting = 0
    try:
        for key, data in coming:
            bout.append((key, data))
            waiting += len(data)
            if waiting >= BOUT:
                full, bout, waiting = bout, [], 0
                store.take(full)
    finally:
        if bout:
            store.take(bout)


def settle(holding: Holding, graph: Graph, book: Book, store: Store) -> None:
    """The whole graph is here: from now on it is held. Raises WrongSize, NotFound.

    Pinned first: should this process die between the two, it is settled again.
    """
    graph.finish()
    store.pin(holding.cid, name=holding.pin)
    holdings.settle_held(book, holding, graph.digests, graph.have)


def _own(key: ParsedCid, store: Store) -> bytes | None:
    """The block where it is here and sound."""
    try:
        return store.get_block(str(key))
    except (NotFound, Corrupt):
        return None

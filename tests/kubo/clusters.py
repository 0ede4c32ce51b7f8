"""A cluster of three peers for a module of tests, and engines at them."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from node_bridge.cluster import ClusterPins, Copies
from node_bridge.kubo import KuboEngine
from node_bridge.kubo_rpc import Rpc, Rules
from script import go_tools, kubos
from tests.kubo.pool import need

Opened = Callable[..., tuple[KuboEngine, ClusterPins]]


@contextmanager
def cluster(folder: Path) -> Iterator[list[kubos.Peer]]:
    """Three peers that have found each other."""
    need(go_tools.KUBO)
    need(go_tools.CLUSTER)
    with kubos.cluster(folder) as made:
        with closing(ClusterPins(made[0].api)) as book:
            until(lambda: len(book.peers()) == len(made))
        yield made


@contextmanager
def engines() -> Iterator[Opened]:
    """A maker of engines at a peer of the cluster, each with its book of pins."""
    with ExitStack() as stack:

        def opened(peer: kubos.Peer, *, least: int, most: int) -> tuple[KuboEngine, ClusterPins]:
            book = stack.enter_context(closing(ClusterPins(peer.api, Copies(least, most))))
            rpc = stack.enter_context(closing(Rpc(peer.kubo.rpc)))
            return KuboEngine(rpc, Rules(fetch_seconds=10, grace=0), pins=book), book

        yield opened


def until(is_so: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def local(peer: kubos.Peer, cid: str) -> bool:
    """Has this very Kubo the whole graph?"""
    with closing(Rpc(peer.kubo.rpc)) as rpc:
        return KuboEngine(rpc).has(cid, recursive=True)

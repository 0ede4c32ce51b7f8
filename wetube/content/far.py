"""Reading what this gateway's own node lacks: from nodes that are known to have it.

Other apps say where bytes lie, by finders of theirs; the operator names nodes in NETWORK_PEERS.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from django.conf import settings
from django.db import close_old_connections

from node_bridge import Cid
from node_bridge.network import addresses, providers
from node_bridge.network.addresses import Guard
from node_bridge.network.fetching import Fetcher
from node_bridge.network.providers import Finder, Listed, Provider, Remembered, Together
from node_bridge.network_engine import NetworkEngine
from wetube.content import network

LOOKERS = 2  # threads that ask the rows who has something; each keeps a connection
LOOK = 5.0  # seconds for that; a database that takes longer knows nobody

_finders: list[Finder] = []


def look_with(finder: Finder) -> None:
    """From now on this finder is asked, too; it may use the rows."""
    _finders.append(finder)


@cache
def engine() -> NetworkEngine:
    """This process's door to the node, and behind it to the network."""
    return NetworkEngine(network.engine(), fetcher())


@cache
def fetcher() -> Fetcher:
    """This process's reads from other nodes, and what it knows of each of them."""
    named = Listed([providers.listed(text) for text in settings.NETWORK_PEERS])
    found = Remembered(_InThreads(Together(_finders)))
    guard = Guard(addresses.opened(list(settings.NODE_RANGES)))
    return Fetcher(Together([found, named]), guard=guard)


class _InThreads:
    """A finder asked in threads of its own: dozens read, and none of them holds a connection."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._threads = ThreadPoolExecutor(LOOKERS, thread_name_prefix="finding")

    def find(self, cid: Cid, root: Cid) -> Sequence[Provider]:
        try:
            return self._threads.submit(self._find, cid, root).result(LOOK)
        except TimeoutError:
            return ()

    def _find(self, cid: Cid, root: Cid) -> Sequence[Provider]:
        close_old_connections()
        try:
            return self._finder.find(cid, root)
        finally:
            close_old_connections()

"""Fetches what leases promise: from other nodes block by block, from the gateway as an archive."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from gateway.node import holdings, owing, sources, taking
from gateway.node.failures import BadBytes, BlockTooLarge, BrokenGraph, Foreign, TooLarge, WrongSize
from gateway.node.graph import LIMITS, Graph
from gateway.node.holdings import Holding
from gateway.node.leasing import Leasing
from gateway.node.sources import Source
from gateway.node.streams import Streams
from gateway.node.throttle import UNBOUND, Throttle
from gateway.refusals import Refused
from node_bridge import Cid, NodeError, OverQuota, TooBig, cid
from node_bridge.errors import BadBlock
from node_bridge.network import orders, pulling, requests
from node_bridge.network.fetching import Fetcher
from node_bridge.network.identity import Identity
from node_bridge.network.orders import OrderLimit
from node_bridge.network.providers import Finder, Listed, Provider
from node_bridge.network.requests import Asked
from node_bridge.network.statements import Refused as Unreadable

FIRST_WAIT, LONGEST_WAIT = 2.0, 600.0  # seconds between two attempts
GIVES_UP = 86_400.0  # seconds after which what never came is refused
GRAPH_FAULTS = (
    WrongSize,
    TooLarge,
    BrokenGraph,
)  # whoever sends it, the graph is not what the lease says

logger = logging.getLogger(__name__)


class SourceFailed(Exception):
    """One place did not give what it should; another may."""


class Puller:
    """Fetches one lease after another, in threads of its own; `throttle` is of what comes."""

    def __init__(
        self, leasing: Leasing, identity: Identity, throttle: Throttle = UNBOUND.receives
    ) -> None:
        self._leasing = leasing
        self._identity = identity
        self._stop = threading.Event()
        self._guard = leasing.config.guard
        self._throttle = throttle
        self._streams = Streams(self._guard, self._stop, throttle)
        self._busy: set[int] = set()
        self._lock = threading.Lock()

    def run(self) -> None:
        """Until `stop`."""
        wake = self._leasing.wake
        while not self._stop.is_set():
            wake.clear()
            if not self.pull_next(time.time()):
                wake.wait(2.0)

    def stop(self) -> None:
        self._stop.set()
        self._leasing.wake.set()

    def close(self) -> None:
        self._streams.close()

    def pull_next(self, now: float) -> bool:
        """Work on the lease that is due; False when there is none."""
        with self._lock:
            due = holdings.due(self._leasing.book, now)
            holding = next((one for one in due if one.id not in self._busy), None)
            if holding is None:
                return False
            self._busy.add(holding.id)
        try:
            self._pull(holding, now)
        finally:
            self._busy.discard(holding.id)
        return True

    def _pull(self, holding: Holding, now: float) -> None:
        """Whatever comes of it stands in the book."""
        book, store = self._leasing.book, self._leasing.store
        try:
            graph = self._fetch(holding)
            taking.settle(holding, graph, book, store)
        except GRAPH_FAULTS as fault:
            logger.warning("Lease %s refused: %s", holding.serial, fault)
            holdings.settle_refused(book, holding, fault.name, str(fault))
        except (Refused, NodeError, SourceFailed) as failure:
            if self._stop.is_set():
                return
            self._put_off(holding, now, failure)

    def _put_off(self, holding: Holding, now: float, failure: Exception) -> None:
        if now - holding.since > GIVES_UP:
            holdings.settle_refused(self._leasing.book, holding, "never-came", str(failure))
            return
        wait = min(FIRST_WAIT * 2 ** min(holding.tries, 16), LONGEST_WAIT)
        logger.info("Lease %s is tried again in %d s: %s", holding.serial, wait, failure)
        name = holdings.NO_ROOM if isinstance(failure, OverQuota) else ""
        why = str(failure)[:300]
        holdings.put_off(self._leasing.book, holding, until=now + wait, name=name, why=why)

    def _fetch(self, holding: Holding) -> Graph:
        """The whole graph, stored; raises SourceFailed when no place had all of it."""
        graph = taking.known(holding, self._leasing.store)
        places = sources.parse(list(holding.sources), self._guard)
        gateway = self._leasing.config.gateway_id
        nodes = [place for place in places if place.is_node_but(gateway) and self._affords(place)]
        if nodes and not graph.is_whole:
            why = self._from_nodes(holding, nodes)
            graph = taking.known(holding, self._leasing.store)
        else:
            why = "Nobody has it."
        for place in places:
            if graph.is_whole:
                break
            if owing.price_in(place.authorization) is not None:
                continue  # debts are for single blocks
            why = self._from_archive(place, graph) or why
        if not graph.is_whole:
            raise SourceFailed(why)
        return graph

    def _from_nodes(self, holding: Holding, places: list[Source]) -> str:
        """Single blocks from several nodes at once; the answer is why it broke off, or ""."""
        providers = [self._provider(place) for place in places]
        limits = replace(LIMITS, walk_bytes=holding.size)
        finder = _Until(self._stop, Listed(providers))
        fetcher = Fetcher(finder, guard=self._guard)
        try:
            root, store = cid.parse(holding.cid), self._leasing.store
            pulling.pull(root, store, fetcher, limits, paced=self._paced)
        except TooBig as error:
            raise WrongSize(f"The graph is larger than its lease says: {error}") from error
        except BadBlock as error:
            raise BrokenGraph(f"The graph holds what is no graph: {error}") from error
        except OverQuota:
            raise
        except NodeError as error:
            return str(error)
        finally:
            fetcher.close()
        return ""

    def _paced(self, size: int) -> None:
        self._throttle.wait(size, self._stop)

    def _from_archive(self, place: Source, graph: Graph) -> str:
        """All of it as one CAR; the answer is why it broke off, or ""."""
        target = place.archive(str(graph.root))
        try:
            with self._streams.get(place, target, self._authorization(place, target)) as src:
                taking.in_bouts(taking.archived(src, graph), self._leasing.store)
        except (Foreign, BadBytes, BlockTooLarge) as fault:
            logger.warning("A source sent what it should not: %s", fault)
            return str(fault)
        except OverQuota:
            raise
        except NodeError as failure:
            return str(failure)
        return "" if graph.is_whole else "The source left something out."

    def _authorization(self, place: Source, target: str) -> str:
        """What the gateway gave along; to the gateway itself we say who we are."""
        gateway = self._leasing.config.gateway_id
        if place.authorization or place.provider.peer_id != gateway:
            return place.authorization
        return requests.write(Asked("GET", target), self._identity, to=gateway, now=time.time())

    def _affords(self, place: Source) -> bool:
        """A node pays others no more than it asks itself."""
        price = owing.price_in(place.authorization)
        return price is None or price <= self._leasing.config.prices.delivery

    def _provider(self, place: Source) -> Provider:
        price = owing.price_in(place.authorization)
        if price is not None:
            book, creditor = self._leasing.book, place.provider.peer_id
            debt = owing.DebtOrder(book, self._identity, creditor, price)
            return replace(place.provider, paid=lambda _root: debt)
        token = place.authorization.removeprefix("Bearer ")
        if not token:
            return place.provider
        try:
            limit = orders.read_limit(
                token,
                by=self._leasing.config.gateway_id,
                to=place.provider.peer_id,
                now=time.time(),
            )
        except Unreadable as error:
            raise SourceFailed(f"The source's order limit does not count: {error}") from error
        order = _Order(token, limit, self._identity)
        return replace(place.provider, paid=lambda _root: order)


class _Until:
    """A finder that knows nobody any more once the node stops: what is under way ends soon."""

    def __init__(self, stop: threading.Event, finder: Finder) -> None:
        self._stop = stop
        self._finder = finder

    def find(self, cid: Cid, root: Cid) -> Sequence[Provider]:
        return () if self._stop.is_set() else self._finder.find(cid, root)


class _Order:
    """An order limit the gateway gave along with a lease, for this node to fetch under."""

    def __init__(self, token: str, limit: OrderLimit, identity: Identity) -> None:
        self.token = token
        self.max_bytes = limit.max_bytes
        self._limit = limit
        self._identity = identity

    def receipt(self, size: int) -> str:
        return orders.sign(self._identity, self._limit, min(size, self.max_bytes))

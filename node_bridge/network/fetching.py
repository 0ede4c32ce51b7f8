"""Blocks from the network: each fetched once for all who wait, kept a while, given up with them."""

from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

from node_bridge.cid import Cid, ParsedCid
from node_bridge.network.addresses import Guard
from node_bridge.network.connections import Connections
from node_bridge.network.hunting import Asker, Hunt
from node_bridge.network.providers import Finder
from node_bridge.network.scores import Scores

ASKING = 48  # threads that ask nodes; most of them wait for bytes
AHEAD = 16  # threads for blocks that nobody waits for yet


@dataclass(slots=True)
class Flight:
    """A block on its way, and how many want it; given up when nobody does."""

    key: ParsedCid
    root: Cid
    coming: "Future[bytes]" = field(default_factory=Future)
    wanted_by: int = 0
    is_flown: bool = False  # by some thread; until then it is only asked for
    hunt: Hunt | None = None
    given_up: Event = field(default_factory=Event)

    def give_up(self) -> None:
        self.given_up.set()
        if self.hunt is not None:
            self.hunt.cancel()


class Fetcher:
    """Use it from any thread.

    seconds: until a block that nobody gave is given up
    most_bytes: of fetched blocks that are kept in memory
    """

    def __init__(
        self,
        finder: Finder,
        *,
        guard: Guard | None = None,
        scores: Scores | None = None,
        seconds: float = 20.0,
        most_bytes: int = 64 << 20,
    ) -> None:
        self.scores = scores or Scores()
        self._finder = finder
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._connections = Connections(guard or Guard())
        self._askers = ThreadPoolExecutor(ASKING, thread_name_prefix="asking")
        self._ahead = ThreadPoolExecutor(AHEAD, thread_name_prefix="ahead")
        self._asker = Asker(self._connections, self.scores, self._askers)
        self._flights: dict[bytes, Flight] = {}
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._kept_bytes = 0
        self._lock = Lock()

    def block(self, key: ParsedCid, root: Cid) -> bytes:
        """A block of the graph under `root`, verified.

        Raises NotFound where nobody has it, NobodyHas where nobody gave it in time.
        """
        flight = self._join(key, root)
        try:
            self._fly(flight)
            return flight.coming.result()
        finally:
            self.leave(flight)

    def soon(self, key: ParsedCid, root: Cid) -> Flight:
        """The block on its way for a later `block`; the caller ends with `leave`."""
        flight = self._join(key, root)
        if not flight.is_flown:
            self._ahead.submit(self._fly, flight)
        return flight

    def leave(self, flight: Flight) -> None:
        """One less wants it; what nobody wants any more is given up."""
        with self._lock:
            flight.wanted_by -= 1
            if flight.wanted_by or flight.coming.done():
                return
            if self._flights.get(flight.key.digest) is flight:
                del self._flights[flight.key.digest]
        flight.give_up()

    def close(self) -> None:
        """Give up what is on its way; nothing can be fetched any more."""
        with self._lock:
            flights = list(self._flights.values())
        for flight in flights:
            flight.give_up()
            self._fly(flight)  # what no thread had begun ends here
        self._ahead.shutdown()
        self._askers.shutdown()
        self._connections.close()

    def _join(self, key: ParsedCid, root: Cid) -> Flight:
        """The one flight of this block, which may have landed."""
        with self._lock:
            flight = self._flights.get(key.digest)
            if flight is None:
                flight = Flight(key, root)
                kept = self._kept.get(key.digest)
                if kept is None:
                    self._flights[key.digest] = flight
                else:
                    self._kept.move_to_end(key.digest)
                    flight.is_flown = True
                    flight.coming.set_result(kept)
            flight.wanted_by += 1
            return flight

    def _fly(self, flight: Flight) -> None:
        """Bring the block to whoever waits, or the failure; once, whoever comes first."""
        with self._lock:
            if flight.is_flown:
                return
            flight.is_flown = True
        try:
            data = self._hunt(flight)
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must know
            self._land(flight)
            flight.coming.set_exception(error)
        else:
            self._land(flight, data)
            flight.coming.set_result(data)

    def _hunt(self, flight: Flight) -> bytes:
        providers = self._finder.find(str(flight.key), flight.root)
        flight.hunt = Hunt(self._asker, flight.key, flight.root, providers, self._seconds)
        if flight.given_up.is_set():
            flight.hunt.cancel()
        return flight.hunt.run()

    def _land(self, flight: Flight, data: bytes | None = None) -> None:
        with self._lock:
            if self._flights.get(flight.key.digest) is flight:
                del self._flights[flight.key.digest]
            if data is None or flight.key.digest in self._kept:
                return
            self._kept[flight.key.digest] = data
            self._kept_bytes += len(data)
            while self._kept_bytes > self._most_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._kept_bytes -= len(dropped)

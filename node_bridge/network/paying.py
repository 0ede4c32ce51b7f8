"""What goes along with a read that is paid for, and the receipts that follow the bytes.

A receipt names all verified bytes so far under one order. Each is handed in as soon as the one
before was taken, so that a node that sends no further than a window past the last one never waits,
and whatever came last is receipted too. Nothing is signed for bytes that were not the block.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from node_bridge.cid import Cid
from node_bridge.engine import MAX_BLOCK
from node_bridge.network.asking import Wanted
from node_bridge.network.failures import NotAllowed, PeerFailed
from node_bridge.network.providers import Order, Orders, Provider
from node_bridge.network.statements import Refused

RECEIPTS = "/wt/v1/receipts"
RUNNING = 1_000  # orders remembered
REFUSED = 3  # receipts in a row that a node did not take: nothing more is bought under that order

HandIn = Callable[[Provider, Wanted], None]  # raises PeerFailed
Soon = Callable[[Callable[[], None]], object]  # runs it in another thread


@dataclass(slots=True)
class Running:
    """One order: up to `asked` bytes were asked for, `got` came, `receipted` were signed for."""

    order: Order
    asked: int = 0
    got: int = 0
    receipted: int = 0
    refused: int = 0
    is_handing_in: bool = False

    @property
    def has_room(self) -> bool:
        return self.refused < REFUSED and self.asked + MAX_BLOCK <= self.order.max_bytes


@dataclass(frozen=True, slots=True)
class Fare:
    """What goes along with one request: the `Authorization` header, "" for none."""

    authorization: str
    running: Running | None = None


class Purse:
    """The orders this reader has with nodes: one at a time for each node and root."""

    def __init__(self, hand_in: HandIn, soon: Soon) -> None:
        self._hand_in = hand_in
        self._soon = soon
        self._running: OrderedDict[tuple[str, Cid], Running] = OrderedDict()
        self._lock = Lock()
        self._ordering = Lock()

    def fare(self, provider: Provider, root: Cid, method: str, target: str) -> Fare:
        """What lets us ask for one more block there; raises PeerFailed when no order can be had."""
        if provider.paid is not None:
            running = self._room(provider, root, provider.paid)
            return Fare(f"Bearer {running.order.token}", running)
        return Fare(f"WeTube {provider.passes(method, target)}" if provider.passes else "")

    def came(self, provider: Provider, fare: Fare, size: int) -> None:
        """A verified block of `size` bytes came; a receipt for it follows."""
        running = fare.running
        if running is None:
            return
        with self._lock:
            running.asked += size - MAX_BLOCK
            running.got += size
            if running.is_handing_in:
                return
            running.is_handing_in = True
        self._soon(lambda: self._settle(provider, running))

    def came_not(self, fare: Fare, failure: PeerFailed) -> None:
        """Nothing came. An order that the node refuses is not shown again."""
        if fare.running is None:
            return
        with self._lock:
            fare.running.asked -= MAX_BLOCK
            if isinstance(failure, NotAllowed):
                fare.running.refused = REFUSED

    def _room(self, provider: Provider, root: Cid, paid: Orders) -> Running:
        """An order with a block's room set aside: the running one, or a new one."""
        place = (provider.url, root)
        with self._ordering:
            with self._lock:
                running = self._running.get(place)
                if running is not None and running.has_room:
                    running.asked += MAX_BLOCK
                    return running
            fresh = Running(paid(root), asked=MAX_BLOCK)  # may ask a gateway
            with self._lock:
                self._running[place] = fresh
                self._running.move_to_end(place)
                if len(self._running) > RUNNING:
                    self._running.popitem(last=False)
            return fresh

    def _settle(self, provider: Provider, running: Running) -> None:
        """Hand in receipts until the node has one for all that came, or takes none."""
        while True:
            with self._lock:
                size = running.got
                if size == running.receipted or running.refused >= REFUSED:
                    running.is_handing_in = False
                    return
            try:
                receipt = running.order.receipt(size).encode()
                self._hand_in(provider, Wanted("POST", RECEIPTS, body=receipt))
            except (PeerFailed, Refused):  # not taken there, or past what we may sign
                running.refused += 1
            else:
                running.refused, running.receipted = 0, size

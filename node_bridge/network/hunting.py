"""The hunt for one block: the likeliest node first, a second beside it when it takes its time.

A node that fails is replaced at once, one that is slower than its wont gets a competitor (a hedged
request), and the first whole, verified block ends the hunt for all of them.
"""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from threading import Event

from node_bridge.cid import Cid, ParsedCid
from node_bridge.errors import NodeError, NotFound
from node_bridge.network import asking
from node_bridge.network.asking import Wanted
from node_bridge.network.connections import Call, Connections
from node_bridge.network.failures import (
    Busy,
    Cancelled,
    CutShort,
    NobodyHas,
    NotAllowed,
    NotHeld,
    PeerFailed,
    TooSlow,
    Unreached,
)
from node_bridge.network.paying import Purse
from node_bridge.network.providers import Provider
from node_bridge.network.scores import Scores

logger = logging.getLogger(__name__)

AT_ONCE = 3  # nodes asked for one block at the same time
TURNS = 2  # times a node is asked for one block, where another time may be better
AGAIN = 0.2  # seconds before the second time
PASSING = (Busy, CutShort, NotAllowed, Unreached)  # what another time may be better
RECEIPT = 10.0  # seconds for handing one in


class Asker:
    """Asks one node for one block, pays for it and keeps its score; in threads of `pool`."""

    def __init__(self, connections: Connections, scores: Scores, pool: Executor) -> None:
        self.scores = scores
        self._connections = connections
        self._pool = pool
        self._purse = Purse(self._hand_in, pool.submit)

    def begin(self, provider: Provider, key: ParsedCid, root: Cid, call: Call) -> "Future[bytes]":
        self.scores.began(provider)
        return self._pool.submit(self._ask, provider, key, root, call)

    def _ask(self, provider: Provider, key: ParsedCid, root: Cid, call: Call) -> bytes:
        began = time.monotonic()
        try:
            fare = self._purse.fare(provider, root, "GET", asking.target(key))
        except PeerFailed as failure:
            self.scores.failed(provider, root, failure, 0.0)
            raise
        try:
            data = asking.block(self._connections, provider, key, call, fare.authorization)
        except PeerFailed as failure:
            self._purse.came_not(fare, failure)
            self.scores.failed(provider, root, failure, time.monotonic() - began)
            raise
        self.scores.gave(provider, seconds=time.monotonic() - began, size=len(data))
        self._purse.came(provider, fare, len(data))
        return data

    def _hand_in(self, provider: Provider, wanted: Wanted) -> None:
        asking.exchange(self._connections, provider, Call(RECEIPT), wanted)


class Hunt:
    """One block being looked for among providers, for so many seconds at most."""

    def __init__(
        self, asker: Asker, key: ParsedCid, root: Cid, providers: Sequence[Provider], seconds: float
    ) -> None:
        self._asker = asker
        self._key = key
        self._root = root
        self._fresh = list(providers)  # not asked yet in this turn
        self._turn = 1
        self._end = time.monotonic() + seconds
        self._under_way: dict[Future[bytes], tuple[Provider, Call]] = {}
        self._why: dict[Provider, PeerFailed] = {}
        self._given_up = Event()

    def run(self) -> bytes:
        """The block; raises NotFound when all say they lack it, NobodyHas, Cancelled."""
        competitors = 1
        try:
            while True:
                self._check()
                patience = self._ask(competitors)
                if not self._under_way:
                    self._wait_for_another_turn()
                    continue
                done, _ = wait(self._under_way, patience, FIRST_COMPLETED)
                for future in done:
                    if (data := self._result(future)) is not None:
                        return data
                if not done:
                    competitors = min(competitors + 1, AT_ONCE)
        finally:
            for _, call in self._under_way.values():
                call.cancel()

    def cancel(self) -> None:
        """Nobody waits any more; `run` ends with Cancelled. For another thread."""
        self._given_up.set()
        for _, call in list(self._under_way.values()):
            call.cancel()

    def _ask(self, competitors: int) -> float:
        """Ask until so many are under way; seconds to wait before there should be one more."""
        patience = left = max(self._end - time.monotonic(), 0.0)
        while len(self._under_way) < competitors:
            provider = self._asker.scores.best(self._fresh, self._root)
            if provider is None:
                break
            self._fresh.remove(provider)
            call = Call(left)
            asked = self._asker.begin(provider, self._key, self._root, call)
            self._under_way[asked] = (provider, call)
            if self._given_up.is_set():
                call.cancel()
            patience = min(left, self._asker.scores.patience(provider))
        return patience

    def _result(self, future: "Future[bytes]") -> bytes | None:
        provider, _ = self._under_way.pop(future)
        try:
            return future.result()
        except PeerFailed as failure:
            self._why[provider] = failure
            return None

    def _check(self) -> None:
        if self._given_up.is_set():
            raise Cancelled(f"Nobody waits for {self._key} any more.")
        if time.monotonic() >= self._end:
            for provider, _ in self._under_way.values():
                self._why[provider] = TooSlow(f"{provider.url} was too slow.")
            raise self._failure()

    def _wait_for_another_turn(self) -> None:
        """When all have failed: those who may do better now are asked again."""
        again = [each for each, failure in self._why.items() if isinstance(failure, PASSING)]
        if self._turn == TURNS or not again:
            raise self._failure()
        self._given_up.wait(AGAIN)
        self._turn += 1
        self._fresh = again

    def _failure(self) -> NodeError:
        if all(isinstance(failure, NotHeld) for failure in self._why.values()):
            return NotFound(f"Block {self._key} is in no node that is known here.")
        kinds = sorted(type(failure).__name__ for failure in self._why.values())
        logger.warning("A block came from none of %d nodes: %s", len(kinds), ", ".join(kinds))
        said = " ".join(map(str, self._why.values()))
        why = {provider.url: failure for provider, failure in self._why.items()}
        return NobodyHas(f"No node gave block {self._key}. {said}", why)

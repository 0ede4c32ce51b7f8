"""Any so many shards of a stripe, from nodes that hold one each: the likeliest first, and one more
beside them whenever one takes longer than its wont. Every shard is verified by its CID.
"""

import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from node_bridge import cid as cids
from node_bridge.cid import Cid
from node_bridge.network.coding import TooFewShards
from node_bridge.network.connections import Call, Connections
from node_bridge.network.failures import PeerFailed
from node_bridge.network.hunting import Asker
from node_bridge.network.providers import Provider
from node_bridge.network.scores import Scores

THREADS = 40


class Gatherer:
    """Use it from any thread. It keeps its own view of how nodes do."""

    def __init__(self, connections: Connections, scores: Scores | None = None) -> None:
        self.scores = scores or Scores()
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="gathering")
        self._asker = Asker(connections, self.scores, pool)

    def gather(
        self,
        shards: Mapping[int, Cid],
        holders: Mapping[int, Provider],
        *,
        count: int,
        seconds: float = 30.0,
    ) -> dict[int, bytes]:
        """`count` of these shards by number; raises TooFewShards, with what each node did."""
        if count <= 0:
            return {}
        return _Round(self._asker, self.scores, shards, holders).run(count, seconds)


class _Round:
    """One stripe's."""

    def __init__(
        self,
        asker: Asker,
        scores: Scores,
        shards: Mapping[int, Cid],
        holders: Mapping[int, Provider],
    ) -> None:
        self._asker = asker
        self._scores = scores
        self._shards = shards
        self._fresh = {number: holders[number] for number in sorted(holders) if number in shards}
        self._under_way: dict[Future[bytes], tuple[int, Call]] = {}
        self._found: dict[int, bytes] = {}
        self._why: list[str] = []

    def run(self, count: int, seconds: float) -> dict[int, bytes]:
        end = time.monotonic() + seconds
        hedges = 0
        try:
            while len(self._found) < count:
                patience = self._ask(count - len(self._found) + hedges, end)
                if not self._under_way:
                    raise TooFewShards(
                        f"{len(self._found)} of {count} shards came. {' '.join(self._why)}"
                    )
                done, _ = wait(self._under_way, patience, FIRST_COMPLETED)
                hedges += not done
                for future in done:
                    self._take(future)
        finally:
            for _, call in self._under_way.values():
                call.cancel()
        return self._found

    def _ask(self, wanted: int, end: float) -> float:
        """Have so many under way; seconds to wait before there should be one more."""
        patience = left = max(end - time.monotonic(), 0.001)
        while self._fresh and len(self._under_way) < wanted:
            number = self._best()
            provider = self._fresh.pop(number)
            call = Call(left)
            key = cids.parse(self._shards[number])
            asked = self._asker.begin(provider, key, self._shards[number], call)
            self._under_way[asked] = (number, call)
            patience = min(patience, self._scores.patience(provider))
        return patience if self._fresh else left + 1.0

    def _best(self) -> int:
        best = self._scores.best(self._fresh.values(), "")
        return next(number for number, each in self._fresh.items() if each is best)

    def _take(self, future: "Future[bytes]") -> None:
        number, _ = self._under_way.pop(future)
        try:
            self._found[number] = future.result()
        except PeerFailed as failure:
            self._why.append(str(failure))

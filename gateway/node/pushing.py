"""Takes a leased graph that is pushed as a CAR: all of it, or nothing is kept.

Its blocks are checked and written as they come, into an intake that becomes part of the store only
when the graph is whole.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, cast

from gateway.asgi import Request
from gateway.node import taking
from gateway.node.arriving import Arriving
from gateway.node.failures import Incomplete
from gateway.node.graph import Graph
from gateway.node.holdings import Holding
from gateway.node.leasing import Leasing
from gateway.node.taking import OVERHEAD, Blocks
from gateway.node.throttle import Throttle

AT_ONCE = 4  # pushes taken at the same time; others wait, unread


class Pushes:
    """Each is taken in a thread, for as long as its bytes come; readers have threads of their own.

    throttle: of what is received
    """

    def __init__(self, leasing: Leasing, throttle: Throttle) -> None:
        self._leasing = leasing
        self._throttle = throttle
        self._takers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push")

    async def take(self, serial: str, request: Request) -> Holding:
        """The lease, held. Raises a Refused, or OverQuota, and then nothing of the body was
        kept.
        """
        holding = await asyncio.to_thread(self._leasing.get, serial)
        if holding.state == "held":
            return holding
        body = Arriving(request, 2 * holding.size + OVERHEAD, self._throttle)
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._takers, self._keep, holding, body)
        finally:
            body.close()
        return self._leasing.get(serial)

    def _keep(self, holding: Holding, body: Arriving) -> None:
        book, store = self._leasing.book, self._leasing.store
        graph = taking.known(holding, store)
        store.take(_whole(graph, cast("BinaryIO", body)))
        taking.settle(holding, graph, book, store)


def _whole(graph: Graph, src: BinaryIO) -> Blocks:
    """The blocks, whose batch is only kept when they make the graph whole."""
    yield from taking.archived(src, graph)
    if not graph.is_whole:
        raise Incomplete(f"{len(graph.wanted())} blocks of the graph are missing.")
    graph.finish()

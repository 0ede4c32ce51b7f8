"""What runs beside the requests, for as long as the node does (ASGI lifespan)."""

import asyncio
import logging
from collections.abc import Sequence

from gateway.asgi import Receive, Send
from gateway.node.seams import Chore
from node_bridge import NodeEngine

AGAIN = 5.0  # seconds before a chore that failed is begun anew

logger = logging.getLogger(__name__)


class Running:
    """The chores of one node."""

    def __init__(self, chores: Sequence[Chore]) -> None:
        self._chores = chores

    async def live(self, engine: NodeEngine, receive: Receive, send: Send) -> None:
        """Check the engine, keep house while serving, end every chore at the end."""
        await receive()
        try:
            await asyncio.to_thread(engine.selftest)
        except Exception as error:  # whatever it is, a node without its store must not start
            logger.exception("The node does not start")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        tasks = [asyncio.ensure_future(_keep_running(chore)) for chore in self._chores]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await send({"type": "lifespan.shutdown.complete"})


async def _keep_running(chore: Chore) -> None:
    """What a chore raises ends neither the node nor the chore."""
    while True:
        try:
            await chore.run()
        except Exception:
            logger.exception("%s failed and is begun anew", type(chore).__name__)
        await asyncio.sleep(AGAIN)

"""Hands in the last receipt of each order limit before it ends, until the gateway answers."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.node import order_book
from gateway.node.book import Book
from gateway.node.order_book import Row
from gateway.node.orders import Orders
from gateway.node.speaking import GatewaySaysNo, GatewaySilent

EVERY = 1.0  # seconds between two looks
QUIET = 20.0  # seconds without a newer receipt until one is handed in
ENDING = 120.0  # seconds before a limit's end its receipt goes in anyway
AGAIN = 15.0  # seconds until a gateway that did not answer is asked again
MOST = 100  # receipts handed in at once
KEPT = 7 * 86_400.0  # seconds an ended limit stays in the book, for the operator
TIDY = 3600.0  # seconds between two clearings
PATH = "/nodes/v1/receipts"

# Asks the gateway with a signed request: path and body to the answer's body, both JSON objects.
# Raises GatewaySilent, GatewaySaysNo; called in a thread.
Post = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]

logger = logging.getLogger(__name__)


class HandingIn:
    """A chore of the node."""

    def __init__(self, book: Book, till: Orders, post: Post) -> None:
        self._book = book
        self._till = till
        self._post = post
        self._not_before = 0.0
        self._tidied = 0.0

    async def run(self) -> None:
        """Until cancelled; what came by then is written down."""
        try:
            while True:
                await asyncio.sleep(EVERY)
                await self.look(time.time())
        finally:
            await self._till.write()

    async def look(self, now: float, *, quiet: float = QUIET) -> int:
        """Write receipts down and hand in those that are due; how many were acknowledged."""
        await self._till.write()
        if now < self._not_before:
            return 0
        rows = await asyncio.to_thread(
            order_book.due, self._book, quiet=quiet, ending=ENDING, now=now, most=MOST
        )
        if now > self._tidied + TIDY:
            self._tidied = now
            await asyncio.to_thread(order_book.forget, self._book, before=now - KEPT)
        if not rows:
            return 0
        try:
            body = {"receipts": [row.receipt for row in rows]}
            answer = await asyncio.to_thread(self._post, PATH, body)
        except (GatewaySilent, GatewaySaysNo) as trouble:
            logger.info("%d receipts wait for the gateway: %s", len(rows), trouble)
            await asyncio.to_thread(order_book.tried, self._book, [row.serial for row in rows])
            self._not_before = now + AGAIN
            return 0
        return await self._note(rows, answer)

    async def _note(self, rows: Sequence[Row], answer: Mapping[str, Any]) -> int:
        """The gateway's verdicts come in the receipts' order; what makes no sense is asked anew."""
        verdicts = answer.get("receipts")
        if not isinstance(verdicts, list) or len(verdicts) != len(rows):
            logger.warning("The gateway's answer to %d receipts makes no sense", len(rows))
            self._not_before = time.time() + AGAIN
            return 0
        handed: dict[str, int] = {}
        refused: dict[str, str] = {}
        for row, verdict in zip(rows, verdicts, strict=True):
            said = verdict if isinstance(verdict, dict) else {}
            size, reason = said.get("bytes"), said.get("reason")
            if isinstance(reason, str) and reason:
                refused[row.serial] = f"{reason}: {said.get('detail', '')}"[:300]
                logger.warning("The gateway refused the receipt %s: %s", row.serial, reason[:40])
            elif type(size) is int and size >= row.received:
                handed[row.serial] = size
        await asyncio.to_thread(order_book.acknowledge, self._book, handed, refused)
        return len(handed)

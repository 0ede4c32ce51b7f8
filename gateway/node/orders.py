"""Sells reads under order limits: nothing goes more than a window past the client's last receipt.

How far each limit has come stands in memory. A receipt lets bytes go on at once and is answered
when it is on disk; those that come together are written together.
"""

import asyncio
import json
import time
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from gateway.node import order_book
from gateway.node.book import Book
from gateway.node.debts import Debts
from gateway.node.failures import PaymentDue, Unsigned
from gateway.node.reserving import ReservedRead
from gateway.node.seams import Ticket, Wanted
from node_bridge.network import orders, statements
from node_bridge.network.identity import PeerId
from node_bridge.network.orders import WINDOW, OrderLimit

PATIENCE = 10.0  # seconds a client has for its next receipt, while its answer stands still
REMEMBERED = 10_000  # limits; who comes back later is looked up in the book


class Running:
    """One limit under which bytes go out: `sent` in all, `received` by the last receipt.

    `reserved` is what is on its way: a block has room for the whole of it before it begins, so
    that many at once do not all wait half sent for the receipt of a whole one.
    """

    def __init__(self, limit: OrderLimit, received: int) -> None:
        self.limit = limit
        self.sent = received
        self.reserved = 0
        self.received = received
        self._moved = asyncio.Event()

    async def reserve(self, size: int) -> None:
        """Wait until `size` bytes more are within window and limit; raises PaymentDue."""
        until = time.monotonic() + PATIENCE
        while True:
            taken = self.sent + self.reserved + size
            if taken > self.limit.max_bytes:
                raise PaymentDue("The order limit is used up: ask the gateway for another one.")
            if taken <= self.received + WINDOW:
                self.reserved += size
                return
            self._moved.clear()
            try:
                await asyncio.wait_for(self._moved.wait(), max(0.0, until - time.monotonic()))
            except TimeoutError:
                unpaid = self.sent - self.received
                raise PaymentDue(f"A receipt is due: {unpaid} bytes have none yet.") from None

    def use(self, size: int) -> None:
        """So many of the reserved bytes went out."""
        self.reserved -= size
        self.sent += size

    def release(self, size: int) -> None:
        """So many of the reserved bytes will not go out."""
        self.reserved -= size
        self._moved.set()

    def receipted(self, size: int) -> None:
        """The client has signed for `size` bytes in all; less than before changes nothing."""
        self.received = max(self.received, size)
        self.sent = max(self.sent, size)
        self._moved.set()


class Orders:
    """The node's till for one gateway's limits. `price` is drops a GiB, the node's own.

    `debts` takes what other nodes sign; without it they buy under limits alone.
    """

    def __init__(
        self, book: Book, *, own: PeerId, gateway: PeerId, price: int, debts: Debts | None = None
    ) -> None:
        self._book = book
        self._debts = debts
        self._own = own
        self._gateway = gateway
        self._price = price
        self._running: OrderedDict[str, Running] = OrderedDict()
        self._unwritten: dict[str, tuple[int, str]] = {}
        self._opening = asyncio.Lock()
        self._writing = asyncio.Lock()

    async def admit(self, token: str, wanted: Wanted) -> Ticket:
        """A read under a limit or a debt; raises PaymentDue, Unsigned, Closed: nothing is noted."""
        if not token:
            raise PaymentDue("An order limit is due: Authorization: Bearer <order limit>.")
        if self._debts is not None and kind(token) == statements.DEBT:
            return await self._debts.admit(token)
        limit = self._read(token)
        if limit.root not in wanted.roots:
            raise PaymentDue("The order limit is for other content.")
        if limit.price < self._price:
            raise PaymentDue(f"This node delivers a GiB for {self._price} drops.")
        return ReservedRead(await self._open(limit))

    async def receipt(self, statement: str) -> Mapping[str, Any]:
        """Take a client's receipt; what counts now, on disk. Raises Unsigned, PaymentDue."""
        if self._debts is not None and kind(statement) == statements.DEBT:
            return await self._debts.receipt(statement)
        try:
            receipt = orders.read_receipt(statement, to=self._own, now=time.time())
        except statements.Refused as error:
            raise Unsigned(f"{type(error).__name__}: {error}") from error
        running = self._running.get(receipt.serial)
        if running is None:
            raise PaymentDue("No order limit of this serial was shown here lately.")
        try:
            orders.check(receipt, running.limit)
        except statements.Refused as error:
            raise Unsigned(f"{type(error).__name__}: {error}") from error
        if receipt.size > running.received:
            self._unwritten[receipt.serial] = receipt.size, statement
            running.receipted(receipt.size)
        await self.write()
        return {"serial": receipt.serial, "bytes": running.received}

    async def write(self) -> None:
        """Put the receipts that came so far into the book, durable; who comes meanwhile waits."""
        async with self._writing:
            taken, self._unwritten = self._unwritten, {}
            if not taken:
                return
            try:
                await asyncio.to_thread(order_book.keep_receipts, self._book, taken, time.time())
            except Exception:
                self._unwritten = taken | self._unwritten
                raise

    def _read(self, token: str) -> OrderLimit:
        try:
            return orders.read_limit(token, by=self._gateway, to=self._own, now=time.time())
        except statements.Expired as error:
            raise PaymentDue(str(error)) from error
        except statements.Refused as error:
            raise Unsigned(f"{type(error).__name__}: {error}") from error

    async def _open(self, limit: OrderLimit) -> Running:
        """How far this limit has come, from the book where it is not at hand."""
        async with self._opening:
            running = self._running.get(limit.serial)
            if running is None:
                received = await asyncio.to_thread(order_book.add, self._book, limit)
                running = self._running[limit.serial] = Running(limit, received)
                self._forget_some()
            self._running.move_to_end(limit.serial)
            return running

    def _forget_some(self) -> None:
        """Those that ended go first, then those used longest ago whose receipts are written."""
        if len(self._running) <= REMEMBERED:
            return
        now = time.time()
        ended = [
            serial
            for serial, running in self._running.items()
            if running.limit.expires < now and serial not in self._unwritten
        ]
        oldest = next(serial for serial in self._running if serial not in self._unwritten)
        for serial in ended or [oldest]:
            del self._running[serial]


def kind(token: str) -> str:
    """The kind of statement a token says to be, "" for none; not yet believed."""
    header, _, _ = token.partition(".")
    try:
        said = json.loads(urlsafe_b64decode(header[:1000] + "==="))
    except (ValueError, RecursionError):
        return ""
    return str(said.get("typ", "")) if isinstance(said, dict) else ""

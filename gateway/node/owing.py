"""Buys from other nodes for signed debts, where a lease names them with a price."""

import re
import time
from threading import Lock

from gateway.node import debt_book
from gateway.node.book import Book
from gateway.node.debt_book import Creditor
from node_bridge.network import orders
from node_bridge.network.identity import Identity, PeerId
from node_bridge.network.orders import WINDOW

AHEAD = 2 * WINDOW  # bytes signed for before they come: those under way at once
LASTS = 3600  # seconds a debt's statement counts
ROOM = 1 << 50  # bytes: a debt has no end
PRICED = re.compile(r"Debt (\d{1,15})", re.ASCII)


def price_in(authorization: str) -> int | None:
    """Drops a GiB that a source is to be owed; None where it is not paid by debts."""
    match = PRICED.fullmatch(authorization)
    return int(match[1]) if match else None


class DebtOrder:
    """As the fetcher shows it (providers.Order): a debt for all that ever came, and a little more.

    What is signed is written down first, so that no later debt is ever lower.
    """

    max_bytes = ROOM

    def __init__(self, book: Book, identity: Identity, creditor: PeerId, price: int) -> None:
        self._book = book
        self._identity = identity
        self._creditor = creditor
        self._price = price
        self._known = debt_book.creditor(book, creditor)
        self._got = 0
        self._lock = Lock()

    @property
    def token(self) -> str:
        return self._sign()

    def receipt(self, size: int) -> str:
        """`size` bytes have come under this order."""
        with self._lock:
            self._got = max(self._got, size)
        return self._sign()

    def _sign(self) -> str:
        with self._lock:
            had = self._known.size + self._got
            total = max(self._known.signed, orders.cost(had + AHEAD, self._price))
            if total > self._known.signed:
                now = Creditor(total, had)
                debt_book.keep_creditor(self._book, self._creditor, now)
                self._known = Creditor(total, self._known.size)
        until = int(time.time()) + LASTS
        return orders.owe(self._identity, creditor=self._creditor, total=total, expires=until)

"""Sells reads to other nodes for signed, cumulative debts; nothing goes out that is not covered.

A debt is worth what the gateway says of it, so it is handed in before bytes go out for it: the
gateway counts it only as far as the debtor's operator has coin.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from gateway.node import debt_book
from gateway.node.book import Book
from gateway.node.debt_book import Debtor
from gateway.node.failures import Closed, PaymentDue, Unsigned
from gateway.node.reserving import ReservedRead
from gateway.node.seams import Ticket
from gateway.node.speaking import GatewaySaysNo, GatewaySilent
from node_bridge.network import orders, statements
from node_bridge.network.identity import PeerId

PATH = "/nodes/v1/debts"

PATIENCE = 10.0  # seconds a debtor has for a higher debt, while its answer stands still

Cover = Callable[["Account", int], Awaitable[None]]  # raises PaymentDue, Closed
# Asks the gateway with a signed request; raises GatewaySilent, GatewaySaysNo. Runs in a thread.
Post = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


class Account:
    """One debtor: what it signed, what of that counts, what it was sent and what is on its way."""

    def __init__(self, known: Debtor, cover: Cover) -> None:
        self.statement = ""
        self.total = known.acknowledged
        self.acknowledged = known.acknowledged
        self.sent = known.sent
        self.reserved = 0
        self.asking = asyncio.Lock()
        self.moved = asyncio.Event()
        self._cover = cover

    def sign(self, debt: orders.Debt, token: str) -> None:
        """The debtor's word; a lower one than before changes nothing."""
        if debt.total > self.total:
            self.total, self.statement = debt.total, token
            self.moved.set()

    def owes(self, size: int, price: int) -> int:
        """Drops for all bytes so far and `size` more."""
        return orders.cost(self.sent + self.reserved + size, price)

    async def reserve(self, size: int) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            self.moved.clear()
            try:
                await self._cover(self, size)
            except PaymentDue:
                try:
                    await asyncio.wait_for(self.moved.wait(), max(0.0, until - time.monotonic()))
                except TimeoutError:
                    pass
                else:
                    continue
                raise
            self.reserved += size
            return

    def use(self, size: int) -> None:
        self.reserved -= size
        self.sent += size

    def release(self, size: int) -> None:
        self.reserved -= size
        self.moved.set()


class Debts:
    """`price` is drops a GiB, the node's own."""

    def __init__(self, book: Book, *, own: PeerId, price: int, post: Post) -> None:
        self._book = book
        self._own = own
        self._price = price
        self._post = post
        self._accounts: dict[PeerId, Account] = {}

    async def admit(self, token: str) -> Ticket:
        """A read by who signed this debt; raises Unsigned, PaymentDue, Closed."""
        debt = self._read(token)
        account = self._accounts.get(debt.debtor) or await self._known(debt.debtor)
        account.sign(debt, token)
        if not account.acknowledged:
            await self._cover(debt.debtor, account, 1)
        # Only now: anybody can sign, and strangers whose word counts nowhere are not remembered.
        kept = self._accounts.setdefault(debt.debtor, account)
        kept.sign(debt, token)
        return ReservedRead(kept)

    async def receipt(self, token: str) -> Mapping[str, Any]:
        """A later, higher debt; the drops signed for in all. Raises Unsigned, PaymentDue."""
        debt = self._read(token)
        account = self._accounts.get(debt.debtor)
        if account is None:
            raise PaymentDue("Nothing was read for a debt of yours lately.")
        account.sign(debt, token)
        return {"total": account.total}

    async def _known(self, peer_id: PeerId) -> Account:
        """What the book says of a debtor."""
        known = await asyncio.to_thread(debt_book.debtor, self._book, peer_id)
        return Account(known, partial(self._cover, peer_id))

    async def _cover(self, peer_id: PeerId, account: Account, size: int) -> None:
        """Whether `size` bytes more are covered by what counts; raises PaymentDue, Closed."""
        if account.owes(size, self._price) <= account.acknowledged:
            return
        async with account.asking:
            if account.total > account.acknowledged:
                await self._hand_in(peer_id, account)
        owes = account.owes(size, self._price)
        if owes > account.acknowledged:
            raise PaymentDue(f"Sign a debt of {owes} drops; a GiB costs {self._price}.")

    async def _hand_in(self, peer_id: PeerId, account: Account) -> None:
        try:
            answer = await asyncio.to_thread(self._post, PATH, {"debt": account.statement})
        except GatewaySaysNo as no:
            raise PaymentDue(f"The gateway does not count this debt: {no}") from no
        except GatewaySilent as silence:
            raise Closed("The gateway does not answer, so no debt can be taken now.") from silence
        total = answer.get("total")
        if type(total) is not int:
            raise Closed("The gateway's answer about this debt makes no sense.")
        account.acknowledged = max(account.acknowledged, total)
        now = Debtor(account.acknowledged, account.sent)
        await asyncio.to_thread(debt_book.keep_debtor, self._book, peer_id, now)

    def _read(self, token: str) -> orders.Debt:
        try:
            return orders.read_debt(token, to=self._own, now=time.time())
        except statements.Refused as error:
            raise Unsigned(f"{type(error).__name__}: {error}") from error

"""Sells reads to other nodes for signed, cumulative debts; nothing goes out that is not covered.

A debt is worth what the gateway says of it, so it is handed in before bytes go out for it: the
gateway counts it only as far as the debtor's operator has coin.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from gateway.node import debt_book
from gateway.node.book import Book
from gateway.node.debt_book import Debtor
from gateway.node.failures import Closed, PaymentDue, Unsigned
from gateway.node.seams import Ticket
from gateway.node.speaking import GatewaySaysNo, GatewaySilent
from node_bridge.network import orders, statements
from node_bridge.network.identity import PeerId

PATH = "/nodes/v1/debts"

# Asks the gateway with a signed request; raises GatewaySilent, GatewaySaysNo. Runs in a thread.
Post = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


class Account:
    """One debtor: what it signed, what of that counts, what it was sent."""

    def __init__(self, known: Debtor) -> None:
        self.statement = ""
        self.total = known.acknowledged
        self.acknowledged = known.acknowledged
        self.sent = known.sent
        self.asking = asyncio.Lock()

    def owes(self, size: int, price: int) -> int:
        """Drops for all bytes so far and `size` more."""
        return orders.cost(self.sent + size, price)


class DebtTicket:
    """One read for a debt; several share an account."""

    def __init__(self, debts: "Debts", peer_id: PeerId, account: Account) -> None:
        self._debts = debts
        self._peer_id = peer_id
        self._account = account

    async def sending(self, size: int) -> None:
        await self._debts.cover(self._peer_id, self._account, size)

    def sent(self, size: int) -> None:
        self._account.sent += size


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
        account = self._accounts.get(debt.debtor)
        if account is None:
            known = await asyncio.to_thread(debt_book.debtor, self._book, debt.debtor)
            account = self._accounts.setdefault(debt.debtor, Account(known))
        if debt.total > account.total:
            account.total, account.statement = debt.total, token
        await self.cover(debt.debtor, account, 1)
        return DebtTicket(self, debt.debtor, account)

    async def receipt(self, token: str) -> Mapping[str, Any]:
        """A later, higher debt; the drops signed for in all. Raises Unsigned, PaymentDue."""
        debt = self._read(token)
        account = self._accounts.get(debt.debtor)
        if account is None:
            raise PaymentDue("Nothing was read for a debt of yours lately.")
        if debt.total > account.total:
            account.total, account.statement = debt.total, token
        return {"total": account.total}

    async def cover(self, peer_id: PeerId, account: Account, size: int) -> None:
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

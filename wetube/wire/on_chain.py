"""Payments that move coin on chain: a few threads do them, and nobody waits longer than 3 seconds.

The x402 library and what it brings take more than a second to import. Only a gateway that is asked
for a price does, in a thread, before the first payment comes.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any, TypeVar

from channels.db import database_sync_to_async

from wetube.chain.rpc import ChainAway
from wetube.cloudcoin.models import Charge
from wetube.wire.goods import Good, TopUp
from wetube.wire.payments import Payment
from wetube.wire.refusals import Busy, ChainUnreachable, SettlementPending
from wetube.wire.terms import Terms

# ruff: noqa: PLC0415 - the library is imported when it is needed, see above

WAIT = 2.8  # seconds
MOST_WAITING = 16
THREADS = 8

Found = TypeVar("Found")


class OnChain:
    """Makes deposits, gives coin back, takes one-off transfers. All raise Refused."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="wire")
        self._waiting = 0
        self._is_warm = False

    def warm(self) -> None:
        """Import the library now, if nobody has; returns at once."""
        if not self._is_warm:
            self._is_warm = True
            self._threads.submit(_library)

    async def deposit(self, good: Good, payment: Payment, asked: Terms) -> str:
        """The hash of the transaction that brought the coin into the channel."""

        def make() -> str:
            from wetube.wire import deposits

            return deposits.make(payment.payload, price=good.price, asked=asked)

        return await self._do(make)

    async def give_back(self, payment: Payment, asked: Terms) -> dict[str, Any]:
        """x402's SettleResponse."""

        def give() -> dict[str, Any]:
            from wetube.wire import giving_back

            return giving_back.give_back(payment.payload, asked)

        return await self._do(give)

    async def transfer(
        self, good: Good, payment: Payment, asked: Terms
    ) -> tuple[Charge, dict[str, Any]]:
        """The charge, and x402's SettleResponse."""

        def buy() -> tuple[Charge, dict[str, Any]]:
            from wetube.wire import transfers

            return transfers.buy(good, payment.payload, asked)

        return await self._do(buy)

    async def top_up(
        self, offer: TopUp, payment: Payment, asked: Terms
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is said to the payer, and x402's SettleResponse."""

        def top_up() -> tuple[dict[str, Any], dict[str, Any]]:
            from wetube.wire import transfers

            return transfers.top_up(offer, payment.payload, asked)

        return await self._do(top_up)

    async def _do(self, work: Callable[[], Found]) -> Found:
        """What takes too long goes on by itself; the payer asks again with the same payment."""
        if self._waiting >= MOST_WAITING:
            raise Busy
        run = database_sync_to_async(work, thread_sensitive=False, executor=self._threads)
        task = asyncio.ensure_future(run())
        self._waiting += 1
        task.add_done_callback(self._is_done)
        try:
            return await asyncio.wait_for(asyncio.shield(task), WAIT)
        except TimeoutError as late:
            raise SettlementPending from late
        except ChainAway as away:
            raise ChainUnreachable from away

    def _is_done(self, task: "asyncio.Future[Any]") -> None:
        self._waiting -= 1
        if not task.cancelled():
            task.exception()  # whoever waited has heard it; nobody else has to


def _library() -> None:
    for module in ("deposits", "giving_back", "transfers"):
        import_module(f"wetube.wire.{module}")

"""Reads that have room for a whole block before it begins.

Else many at once, under one limit, would all wait half sent for the receipt of a whole one.
"""

from typing import Protocol


class Reserving(Protocol):
    """What reads draw on: an order limit, or a debt."""

    async def reserve(self, size: int) -> None:
        """Wait until `size` bytes more may go out; raises PaymentDue."""

    def use(self, size: int) -> None:
        """So many of the reserved bytes went out."""

    def release(self, size: int) -> None:
        """So many of the reserved bytes will not go out."""


class ReservedRead:
    """One read under a limit or a debt; several share how far it has come."""

    def __init__(self, running: Reserving) -> None:
        self._running = running
        self._left = 0  # bytes reserved for this read that have not gone out

    async def sending(self, size: int) -> None:
        missing = size - self._left
        if missing > 0:
            await self._running.reserve(missing)
            self._left += missing

    def sent(self, size: int) -> None:
        self._running.use(size)
        self._left -= size

    def __del__(self) -> None:
        """A read that broke off keeps nobody else waiting."""
        if self._left:
            self._running.release(self._left)

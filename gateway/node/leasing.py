"""Leases, as the node takes them: checked against what the operator decided, kept, let go."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

from gateway.node import holdings, sources
from gateway.node.book import Book
from gateway.node.config import Config
from gateway.node.failures import (
    Closed,
    DiskFull,
    Leaving,
    NoSuchLease,
    QuotaExceeded,
    RefusedContent,
    TooCheap,
    Unsigned,
)
from gateway.node.holdings import Holding
from gateway.node.refuse_list import RefuseList
from gateway.node.space import Space, disk_free
from gateway.node.store import Store
from node_bridge.network import leases, statements
from node_bridge.network.identity import PeerId
from node_bridge.network.leases import Terms

PATIENCE = 86_400.0  # seconds a lease that is over is kept, should its renewal be late


@dataclass
class Leasing:
    """The verbs on leases. `wake` is set when there is something to fetch."""

    config: Config
    own: PeerId
    book: Book
    store: Store
    refused: RefuseList
    wake: Event
    is_leaving: Callable[[], bool] = lambda: False

    def take(self, statement: str, items: Sequence[object], *, now: float | None = None) -> Holding:
        """Take a lease that the gateway signed, to be fetched from `items`; or renew one.

        Taking it again is harmless. Raises a Refused, and then nothing has changed.
        """
        now = time.time() if now is None else now
        terms = self._terms(statement, now)
        places = [source.item for source in sources.parse(items, self.config.guard)]
        known = holdings.find(self.book, terms.serial)
        if known is None or known.state == "refused":
            self._judge(terms, now)
        with self.book.write() as db:
            if known is None:
                self._check_room(terms, holdings.promised(db))
                holdings.add(db, terms, statement, now)
            else:
                holdings.renew(db, terms, statement)
            if places:
                holdings.try_from(db, terms.serial, places, now)
        self._share(terms)
        self.wake.set()
        return self.get(terms.serial)

    def renew(self, statement: str, *, now: float | None = None) -> None:
        """A later end for a lease that is here; raises Unsigned, NoSuchLease."""
        terms = self._terms(statement, time.time() if now is None else now)
        self.get(terms.serial)
        with self.book.write() as db:
            holdings.renew(db, terms, statement)

    def get(self, serial: str) -> Holding:
        """Raises NoSuchLease."""
        holding = holdings.find(self.book, serial)
        if holding is None:
            raise NoSuchLease("This node has no such lease.")
        return holding

    def end(self, serial: str) -> None:
        """Let go of a lease; letting go twice is no error. Its room is free at the next sweep."""
        holding = holdings.find(self.book, serial)
        if holding is not None:
            holdings.remove(self.book, holding)
            self.store.unpin(holding.cid, name=holding.pin)

    def end_over(self, *, now: float) -> int:
        """Let go of what ended a day ago and was not renewed; how many that were."""
        over = holdings.over(self.book, now - PATIENCE)
        for holding in over:
            self.end(holding.serial)
        return len(over)

    def tidy(self) -> None:
        """Let the engine go of what no lease keeps: a crash may have come between the two."""
        kept = {holding.pin for holding in holdings.all_of(self.book)}
        for pin in self.store.pins():
            if pin.name.startswith(holdings.PIN) and pin.name not in kept:
                self.store.unpin(pin.cid, name=pin.name)

    def space(self) -> Space:
        with self.book.read() as db:
            promised, stored = holdings.promised(db)
        return Space(self.config.quota, promised, stored, disk_free(self.config.folder))

    def _terms(self, statement: str, now: float) -> Terms:
        try:
            return leases.read(statement, gateway=self.config.gateway_id, node=self.own, now=now)
        except statements.Refused as refusal:
            raise Unsigned(f"{type(refusal).__name__}: {refusal}") from refusal

    def _judge(self, terms: Terms, now: float) -> None:
        if self.is_leaving():
            raise Leaving("This node is leaving and takes no more leases.")
        if not is_open(self.config, now):
            raise Closed("This node is outside its hours.")
        if self.refused.has(terms.cid):
            raise RefusedContent("The operator of this node does not keep this content.")
        if terms.price < self.config.prices.storage:
            raise TooCheap(
                f"This node keeps a GiB for {self.config.prices.storage} drops in 30 days."
            )

    def _check_room(self, terms: Terms, promised: tuple[int, int]) -> None:
        """For who is in a writing transaction, so that two leases cannot take the same room."""
        if holdings.held(self.book, terms.cid):
            return
        space = Space(self.config.quota, *promised, disk_free(self.config.folder))
        if terms.size <= space.free:
            return
        if space.is_disk_short:
            raise DiskFull(f"The disk has no room for {terms.size} bytes more.")
        raise QuotaExceeded(f"This node has room for {space.free} bytes more, not {terms.size}.")

    def _share(self, terms: Terms) -> None:
        """What another lease holds already is held for this one at once."""
        other, new = holdings.held(self.book, terms.cid), self.get(terms.serial)
        if other is None or new.state != "fetching" or other.size != new.size:
            return
        self.store.pin(new.cid, name=new.pin)
        with self.book.write() as db:
            holdings.share(db, other, new.serial)


def is_open(config: Config, now: float) -> bool:
    """Whether this hour is one the node works in."""
    return not config.hours or datetime.fromtimestamp(now, UTC).hour in config.hours

"""Who wants which graph kept: in SQLite beside the blocks, or in memory."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from node_bridge.cid import Cid
from node_bridge.engine import Pin
from node_bridge.errors import EngineDown, OverQuota

BUSY = 30  # seconds to wait for another process


class PinBook(Protocol):
    def keep(self, cid: Cid, name: str) -> tuple[Pin, bool]:
        """The pin, durable on return, and whether it is new."""

    def drop(self, cid: Cid, name: str | None) -> None:
        """Forget one name of a CID, or all its names."""

    def find(self, cid: Cid | None = None, name: str | None = None) -> list[Pin]: ...


class MemoryPins:
    def __init__(self) -> None:
        self._pins: dict[tuple[Cid, str], Pin] = {}

    def keep(self, cid: Cid, name: str) -> tuple[Pin, bool]:
        pin = Pin(cid, name, datetime.now(UTC))
        kept = self._pins.setdefault((cid, name), pin)
        return kept, kept is pin

    def drop(self, cid: Cid, name: str | None) -> None:
        for pin in self.find(cid, name):
            self._pins.pop((pin.cid, pin.name), None)

    def find(self, cid: Cid | None = None, name: str | None = None) -> list[Pin]:
        pins = list(self._pins.values())
        return [pin for pin in pins if cid in {None, pin.cid} and name in {None, pin.name}]


class SqlitePins:
    """One short-lived connection a call: safe across threads, forks and processes."""

    def __init__(self, path: Path, *, fsync: bool) -> None:
        self._path = path
        self._synchronous = "FULL" if fsync else "OFF"
        with self._open() as db:
            db.execute(
                "CREATE TABLE IF NOT EXISTS pin (cid TEXT NOT NULL, name TEXT NOT NULL,"
                " created REAL NOT NULL, PRIMARY KEY (cid, name)) WITHOUT ROWID"
            )

    def keep(self, cid: Cid, name: str) -> tuple[Pin, bool]:
        now = datetime.now(UTC)
        with self._open() as db:
            made = db.execute(
                "INSERT INTO pin VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (cid, name, now.timestamp()),
            )
            is_new = made.rowcount == 1
        return Pin(cid, name, now) if is_new else self.find(cid, name)[0], is_new

    def drop(self, cid: Cid, name: str | None) -> None:
        with self._open() as db:
            db.execute("DELETE FROM pin WHERE cid = ? AND name = coalesce(?, name)", (cid, name))

    def find(self, cid: Cid | None = None, name: str | None = None) -> list[Pin]:
        with self._open() as db:
            rows = db.execute(
                "SELECT cid, name, created FROM pin WHERE cid = coalesce(?, cid)"
                " AND name = coalesce(?, name) ORDER BY created, cid, name",
                (cid, name),
            ).fetchall()
        return [Pin(cid, name, datetime.fromtimestamp(at, UTC)) for cid, name, at in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A transaction of its own; raises OverQuota on a full disk, else EngineDown."""
        try:
            with closing(sqlite3.connect(self._path, timeout=BUSY)) as db, db:
                db.execute(f"PRAGMA synchronous = {self._synchronous}")
                yield db
        except sqlite3.Error as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise OverQuota("The disk is full: a pin could not be written.") from error
            raise EngineDown(f"The list of pins cannot be used: {error}") from error

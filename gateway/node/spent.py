"""Signed requests that were answered: each counts once, also when the node is started anew.

They stand in a file of their own, which is not synced: what was written outlives this process, and
no machine is up again within the seconds for which a request counts.
"""

import logging
import sqlite3
import time
from pathlib import Path
from threading import Lock

from gateway.node.failures import Closed
from node_bridge.network.requests import LASTS

MOST = 100_000  # requests told apart at a time
SCHEMA = "CREATE TABLE IF NOT EXISTS spent (name TEXT PRIMARY KEY, until INTEGER) WITHOUT ROWID"

logger = logging.getLogger(__name__)


class Spent:
    """For any number of threads. Times are Unix seconds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._until: dict[str, int] = {}
        self._tidied = time.time()
        self._is_failing = False
        try:
            self._db = self._open()
        except sqlite3.DatabaseError:  # a crash of the machine may have spoiled it
            self._remove()
            self._db = self._open()

    def is_first(self, name: str, until: int) -> bool:
        """Remembers it; False where it was there before. Raises Closed when there are too many."""
        with self._lock:
            if name in self._until:
                return False
            now = time.time()
            if now > self._tidied + LASTS or len(self._until) >= MOST:
                self._tidy(now)
            if len(self._until) >= MOST:
                raise Closed("There are too many requests: try again in a minute.")
            self._until[name] = until
            self._write("INSERT OR REPLACE INTO spent VALUES (?, ?)", (name, until))
            return True

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = OFF")
            db.execute(SCHEMA)
            self._until = dict(db.execute("SELECT name, until FROM spent"))
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db

    def _remove(self) -> None:
        for name in (self._path.name, f"{self._path.name}-wal", f"{self._path.name}-shm"):
            self._path.with_name(name).unlink(missing_ok=True)

    def _tidy(self, now: float) -> None:
        self._tidied = now
        self._until = {name: until for name, until in self._until.items() if until > now}
        self._write("DELETE FROM spent WHERE until <= ?", (now,))

    def _write(self, query: str, values: tuple[object, ...]) -> None:
        """A full disk keeps no node from answering: this process remembers all it hears."""
        try:
            self._db.execute(query, values)
        except sqlite3.DatabaseError as error:
            if not self._is_failing:
                logger.warning("Answered requests are kept in memory alone: %s", error)
            self._is_failing = True
        else:
            self._is_failing = False

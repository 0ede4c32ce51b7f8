"""The node's book: one SQLite file that loses nothing it has acknowledged, whatever dies when."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from node_bridge import EngineDown, OverQuota

BUSY = 30.0  # seconds to wait for another writer


class Book:
    """For any number of threads. Each part of the node brings its own tables in `schemas`.

    Schemas are run at every start, so they say IF NOT EXISTS. All times are Unix seconds.
    """

    def __init__(self, path: Path, schemas: Sequence[str] = (), *, fsync: bool = True) -> None:
        self._path = path
        self._synchronous = "FULL" if fsync else "OFF"
        self._writing = threading.Lock()
        self._mine = threading.local()
        self._all: list[sqlite3.Connection] = []
        with self._named(), closing(self._connect()) as db:
            db.execute("PRAGMA journal_mode = WAL")
            for schema in schemas:
                db.executescript(schema)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, alone; durable when the block ends well, undone when it does not.

        Raises OverQuota on a full disk, EngineDown when the file cannot be used.
        """
        with self._writing, self._named():
            db = self._connection()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """What was committed last. Take what you need before the block ends."""
        with self._named():
            yield self._connection()

    def close(self) -> None:
        with self._writing:
            for db in self._all:
                db.close()
            self._all.clear()
            self._mine = threading.local()

    def _connection(self) -> sqlite3.Connection:
        """This thread's own."""
        db: sqlite3.Connection | None = getattr(self._mine, "db", None)
        if db is None:
            db = self._mine.db = self._connect()
            self._all.append(db)
        return db

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(
            self._path, timeout=BUSY, isolation_level=None, check_same_thread=False
        )
        db.row_factory = sqlite3.Row
        db.execute(f"PRAGMA synchronous = {self._synchronous}")
        db.execute("PRAGMA foreign_keys = ON")
        return db

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_FULL}:
                raise OverQuota(
                    "The disk is full: the node's book could not be written."
                ) from error
            raise EngineDown(f"The node's book cannot be used: {error}") from error

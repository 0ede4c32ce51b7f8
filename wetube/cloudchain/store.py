"""The chain's file: one SQLite database, written by one process, a transaction for each block.

Nothing is acknowledged before its COMMIT, and each COMMIT waits for the disk (synchronous=FULL),
so that neither kill -9 nor a power cut takes back what was said.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wetube.cloudchain.headers import Header

NAME = "chain.sqlite3"
CACHED_NODES = 100_000  # about 40 MB
SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nodes (hash BLOB PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blocks (
    number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, header BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS transactions (
    block INTEGER PRIMARY KEY REFERENCES blocks, hash BLOB NOT NULL UNIQUE,
    raw BLOB NOT NULL, sender BLOB NOT NULL, succeeded INTEGER NOT NULL, created BLOB
);
CREATE TABLE IF NOT EXISTS logs (
    block INTEGER NOT NULL REFERENCES transactions, position INTEGER NOT NULL,
    address BLOB NOT NULL, topic0 BLOB, topic1 BLOB, topic2 BLOB, topic3 BLOB, data BLOB NOT NULL,
    PRIMARY KEY (block, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS logs_by_address ON logs (address, topic0, block);
CREATE INDEX IF NOT EXISTS logs_by_topic0 ON logs (topic0, block);
CREATE INDEX IF NOT EXISTS logs_by_topic1 ON logs (topic1, block) WHERE topic1 IS NOT NULL;
CREATE INDEX IF NOT EXISTS logs_by_topic2 ON logs (topic2, block) WHERE topic2 IS NOT NULL;
CREATE INDEX IF NOT EXISTS logs_by_topic3 ON logs (topic3, block) WHERE topic3 IS NOT NULL;
CREATE TABLE IF NOT EXISTS waiting (
    sender BLOB NOT NULL, nonce INTEGER NOT NULL, hash BLOB NOT NULL UNIQUE, raw BLOB NOT NULL,
    PRIMARY KEY (sender, nonce)
) WITHOUT ROWID;
"""


class CannotWrite(Exception):
    """The disk refused, being full or broken; nothing was written."""


@dataclass(frozen=True)
class Mined:
    """What a block keeps of its transaction."""

    hash: bytes
    raw: bytes
    sender: bytes
    succeeded: bool
    created: bytes | None
    logs: tuple[tuple[bytes, tuple[bytes, ...], bytes], ...]


class Store:
    """The writing end. Used by one thread."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._connection = sqlite3.connect(self.path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(SCHEMA)
        self.nodes = StoredNodes(self._connection)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All that is put within is on disk at the end, or nothing is. Raises CannotWrite."""
        kept = False
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self.nodes.write()
            self._connection.execute("COMMIT")
            kept = True
        except sqlite3.OperationalError as refusal:
            raise CannotWrite(
                f"The chain's disk refuses: {refusal}. Nothing was kept."
            ) from refusal
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self.nodes.settle(kept=kept)

    def fact(self, name: str) -> str:
        """Empty where there is none."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", [name]).fetchone()
        return str(row[0]) if row else ""

    def set_fact(self, name: str, value: str) -> None:
        self._connection.execute("INSERT INTO facts VALUES (?, ?)", [name, value])

    def head(self) -> Header | None:
        """The newest block's header, None before genesis."""
        row = self._connection.execute(
            "SELECT header FROM blocks ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return Header.from_row(row[0]) if row else None

    def hash_of(self, number: int) -> bytes:
        row = self._connection.execute("SELECT hash FROM blocks WHERE number = ?", [number])
        return bytes(row.fetchone()[0])

    def put_block(self, header: Header, mined: Mined | None = None) -> None:
        """Add a block, with its transaction if it has one, which then waits no longer."""
        number = header.number
        self._connection.execute(
            "INSERT INTO blocks VALUES (?, ?, ?)", [number, header.hash, header.to_row()]
        )
        if mined is None:
            return
        self._connection.execute(
            "INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?)",
            [number, mined.hash, mined.raw, mined.sender, mined.succeeded, mined.created],
        )
        self._connection.executemany(
            "INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (number, position, address, *topics, *[None] * (4 - len(topics)), data)
                for position, (address, topics, data) in enumerate(mined.logs)
            ],
        )

    def forget_after(self, number: int) -> None:
        """Undo every later block (for tests alone)."""
        for table, column in (("logs", "block"), ("transactions", "block"), ("blocks", "number")):
            self._connection.execute(f"DELETE FROM {table} WHERE {column} > ?", [number])  # noqa: S608

    def wait(self, *, sender: bytes, nonce: int, hash: bytes, raw: bytes) -> None:  # noqa: A002
        self._connection.execute(
            "INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?)", [sender, nonce, hash, raw]
        )

    def wait_no_longer(self, sender: bytes, *, below: int) -> None:
        """Forget what this sender has waiting with a nonce that is spent."""
        self._connection.execute(
            "DELETE FROM waiting WHERE sender = ? AND nonce < ?", [sender, below]
        )

    def waiting(self) -> list[bytes]:
        """Every raw transaction that waits for an earlier one, in the order of nonces."""
        rows = self._connection.execute("SELECT raw FROM waiting ORDER BY sender, nonce")
        return [bytes(raw) for (raw,) in rows]

    def copy_to(self, path: Path) -> None:
        """A whole copy as of one moment, made while the chain runs."""
        self._connection.execute("VACUUM INTO ?", [str(path)])


class StoredNodes:
    """The state's parts by their hash. What is under a hash never changes, so RAM may keep it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._cached: dict[bytes, bytes] = {}
        self._new: dict[bytes, bytes] = {}

    def get(self, key: bytes) -> bytes | None:
        found = self._cached.get(key) or self._new.get(key)
        if found is not None:
            return found
        row = self._connection.execute("SELECT body FROM nodes WHERE hash = ?", [key]).fetchone()
        if row is None:
            return None
        return self._remember(key, bytes(row[0]))

    def put(self, key: bytes, value: bytes) -> None:
        self._new[key] = value

    def write(self) -> None:
        """Into the transaction that is open."""
        self._connection.executemany("INSERT OR IGNORE INTO nodes VALUES (?, ?)", self._new.items())

    def settle(self, *, kept: bool) -> None:
        """After the transaction: remember what was written, forget what was not."""
        if kept:
            for key, value in self._new.items():
                self._remember(key, value)
        self._new.clear()

    def _remember(self, key: bytes, value: bytes) -> bytes:
        if len(self._cached) >= CACHED_NODES:
            self._cached.clear()
        self._cached[key] = value
        return value

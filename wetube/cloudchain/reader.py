"""The reading end of the chain's file: one for each thread that answers questions."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wetube.cloudchain.headers import Header
from wetube.cloudchain.store import NAME, StoredNodes

MOST_LOGS = 10_000
FEW_BLOCKS = 1_000  # for so few, walking through the blocks beats any index
PATIENCE = 2.0  # seconds for one search

Row = tuple[Any, ...]
Topics = Sequence[Sequence[bytes]]


class TooMuch(Exception):
    """The search finds more, or takes longer, than one answer may; the message says what to do."""


@dataclass(frozen=True)
class Entry:
    """A transaction in its block."""

    header: Header
    hash: bytes
    raw: bytes
    succeeded: bool
    created: bytes | None


@dataclass(frozen=True)
class LogRow:
    block: int
    block_hash: bytes
    transaction: bytes
    timestamp: int
    position: int
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Search:
    """Logs of the blocks `first` to `last`; an empty list of addresses or topics means any."""

    first: int
    last: int
    addresses: Sequence[bytes] = ()
    topics: Topics = ()


class Reader:
    """Sees each block from the moment it is on disk."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / NAME, isolation_level=None)
        self._connection.execute("PRAGMA query_only = ON")
        self.nodes = StoredNodes(self._connection)

    def close(self) -> None:
        self._connection.close()

    def head(self) -> Header:
        return self._headers("ORDER BY number DESC LIMIT 1")[0]

    def hash_of(self, number: int) -> bytes:
        return self._headers("WHERE number = ?", number)[0].hash

    def header(self, number: int) -> Header | None:
        found = self._headers("WHERE number = ?", number)
        return found[0] if found else None

    def header_by_hash(self, block_hash: bytes) -> Header | None:
        found = self._headers("WHERE hash = ?", block_hash)
        return found[0] if found else None

    def headers(self, first: int, last: int) -> list[Header]:
        return self._headers("WHERE number BETWEEN ? AND ? ORDER BY number", first, last)

    def entry(self, transaction: bytes) -> Entry | None:
        """A transaction that is in a block, by its hash."""
        return self._entry("hash = ?", transaction)

    def entry_of(self, block: int) -> Entry | None:
        """The one transaction of a block; None where the block is empty."""
        return self._entry("block = ?", block)

    def waiting(self, transaction: bytes) -> bytes | None:
        """The raw bytes of a transaction that waits for an earlier one."""
        row = self._one("SELECT raw FROM waiting WHERE hash = ?", transaction)
        return bytes(row[0]) if row else None

    def logs(self, search: Search) -> list[LogRow]:
        """In the order they were written. Raises TooMuch."""
        where, values = _conditions(search)
        query = (
            "SELECT block, b.hash, t.hash, header, position, address,"  # noqa: S608 - words of ours
            f" topic0, topic1, topic2, topic3, data FROM logs {_index(search)}"
            " CROSS JOIN blocks b ON b.number = logs.block"
            " CROSS JOIN transactions t USING (block)"
            f" WHERE {where} ORDER BY block, position LIMIT {MOST_LOGS + 1}"
        )
        with self._patiently():
            rows = self._connection.execute(query, values).fetchall()
        if len(rows) > MOST_LOGS:
            raise TooMuch(f"query returned more than {MOST_LOGS} results; ask for fewer blocks")
        return [_log(row) for row in rows]

    def _headers(self, which: str, *values: object) -> list[Header]:
        rows = self._connection.execute(f"SELECT header FROM blocks {which}", values)  # noqa: S608
        return [Header.from_row(header) for (header,) in rows]

    def _entry(self, which: str, value: object) -> Entry | None:
        row = self._one(
            "SELECT header, t.hash, raw, succeeded, created FROM transactions t"  # noqa: S608
            f" JOIN blocks b ON b.number = t.block WHERE t.{which}",
            value,
        )
        if row is None:
            return None
        header, name, raw, succeeded, created = row
        return Entry(Header.from_row(header), name, raw, bool(succeeded), created)

    def _one(self, query: str, *values: object) -> Row | None:
        row: Row | None = self._connection.execute(query, values).fetchone()
        return row

    @contextmanager
    def _patiently(self) -> Iterator[None]:
        deadline = time.monotonic() + PATIENCE
        self._connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
        try:
            yield
        except sqlite3.OperationalError as stopped:
            raise TooMuch("query timeout exceeded; ask for fewer blocks") from stopped
        finally:
            self._connection.set_progress_handler(None, 0)


def _conditions(search: Search) -> tuple[str, list[object]]:
    parts, values = ["block BETWEEN ? AND ?"], [search.first, search.last]
    wanted: list[object] = list(values)
    columns = [("address", search.addresses), *_by_topic(search.topics)]
    for column, choices in columns:
        parts.append(f"{column} IN ({', '.join('?' * len(choices))})" if choices else "1")
        wanted += choices
    if search.topics:
        parts.append(f"topic{len(search.topics) - 1} IS NOT NULL")
    return " AND ".join(parts), wanted


def _by_topic(topics: Topics) -> list[tuple[str, Sequence[bytes]]]:
    return [(f"topic{place}", choices) for place, choices in enumerate(topics)]


def _index(search: Search) -> str:
    """The most telling one: whom it concerns, then which contract, then which event."""
    if search.last - search.first < FEW_BLOCKS:
        return "NOT INDEXED"
    places = [place for place in (1, 2, 3) if len(search.topics) > place and search.topics[place]]
    if places:
        return f"INDEXED BY logs_by_topic{places[0]}"
    if search.addresses:
        return "INDEXED BY logs_by_address"
    if search.topics and search.topics[0]:
        return "INDEXED BY logs_by_topic0"
    return "NOT INDEXED"


def _log(row: Row) -> LogRow:
    block, block_hash, transaction, header, position, address, *topics, data = row
    return LogRow(
        block,
        block_hash,
        transaction,
        Header.from_row(header).timestamp,
        position,
        address,
        tuple(topic for topic in topics if isinstance(topic, bytes)),
        data,
    )

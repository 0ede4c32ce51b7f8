"""Rows of the book: the leases this node has taken, and which blocks each of them holds."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gateway.node.book import Book
from node_bridge import Cid
from node_bridge.network.leases import Terms

State = Literal["fetching", "held", "refused"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS lease (
    id INTEGER PRIMARY KEY,
    serial TEXT NOT NULL UNIQUE,
    statement TEXT NOT NULL,
    cid TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    price INTEGER NOT NULL,
    kind TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('fetching', 'held', 'refused')),
    have INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    why TEXT NOT NULL DEFAULT '',
    sources TEXT NOT NULL DEFAULT '[]',
    tries INTEGER NOT NULL DEFAULT 0,
    next_try REAL NOT NULL DEFAULT 0,
    since REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS lease_cid ON lease (cid);
CREATE TABLE IF NOT EXISTS lease_block (
    digest BLOB NOT NULL,
    lease INTEGER NOT NULL REFERENCES lease (id) ON DELETE CASCADE,
    PRIMARY KEY (digest, lease)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lease_block_of ON lease_block (lease);
"""


@dataclass(frozen=True, slots=True)
class Holding:
    """A lease as the node keeps it. `have` is bytes of it that are here.

    `name` and `why` say how it stands, for programs and for people; `since` when it was taken.
    """

    id: int
    serial: str
    statement: str
    cid: Cid
    size: int
    price: int
    kind: str
    not_after: int
    state: State
    have: int
    name: str
    why: str
    sources: tuple[Any, ...]
    tries: int
    next_try: float
    since: float

    @property
    def pin(self) -> str:
        """The name under which the engine keeps its graph."""
        return f"{PIN}{self.serial}"


PIN = "lease:"
NO_ROOM = "no-room"  # the name of a lease that waits for room on the disk


def find(book: Book, serial: str) -> Holding | None:
    return _one(book, "WHERE serial = ?", (serial,))


def all_of(book: Book) -> list[Holding]:
    """Every lease, the oldest first."""
    return _many(book, "ORDER BY id", ())


def held(book: Book, cid: Cid) -> Holding | None:
    """A lease under which the whole graph of `cid` is here already."""
    return _one(book, "WHERE cid = ? AND state = 'held' LIMIT 1", (cid,))


def due(book: Book, now: float) -> list[Holding]:
    """The leases to fetch for next, a few of them."""
    due = "WHERE state = 'fetching' AND sources != '[]' AND next_try <= ? ORDER BY next_try LIMIT 9"
    return _many(book, due, (now,))


def under_way(book: Book, since: float) -> list[Holding]:
    """What is being fetched or waits to be pushed, taken since then."""
    return _many(book, "WHERE state = 'fetching' AND since > ?", (since,))


def over(book: Book, before: float) -> list[Holding]:
    """Leases that ended before."""
    return _many(book, "WHERE not_after < ? ORDER BY id", (before,))


def kept_under(book: Book, digest: bytes) -> list[Holding]:
    """The leases under which a block was held whole. One that is being repaired is among them:
    all its sound blocks are still here.
    """
    inner = "SELECT lease FROM lease_block WHERE digest = ?"
    return _many(book, f"WHERE state != 'refused' AND id IN ({inner})", (digest,))


def holds(book: Book, holding: Holding, digests: Iterable[bytes]) -> bool:
    """Whether all these blocks belong to the lease's graph."""
    query = "SELECT 1 FROM lease_block WHERE digest = ? AND lease = ?"
    with book.read() as db:
        return all(db.execute(query, (digest, holding.id)).fetchone() for digest in digests)


def holds_any(book: Book, holding: Holding, digests: Iterable[bytes]) -> bool:
    """Whether one of these blocks belongs to the lease's graph."""
    query = "SELECT 1 FROM lease_block WHERE digest = ? AND lease = ?"
    with book.read() as db:
        return any(db.execute(query, (digest, holding.id)).fetchone() for digest in digests)


def promised(db: sqlite3.Connection) -> tuple[int, int]:
    """Bytes under leases, and how many of them are here; each content counts once."""
    row = db.execute(
        "SELECT coalesce(sum(size), 0), coalesce(sum(have), 0) FROM"
        " (SELECT max(size) AS size, max(have) AS have FROM lease"
        " WHERE state != 'refused' GROUP BY cid)"
    ).fetchone()
    return int(row[0]), int(row[1])


def add(db: sqlite3.Connection, terms: Terms, statement: str, now: float) -> None:
    """A new lease, fetching; for who is in a transaction."""
    db.execute(
        "INSERT INTO lease (serial, statement, cid, size, price, kind, not_after, state, since)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'fetching', ?)",
        (
            terms.serial,
            statement,
            terms.cid,
            terms.size,
            terms.price,
            terms.kind,
            terms.not_after,
            now,
        ),
    )


def renew(db: sqlite3.Connection, terms: Terms, statement: str) -> None:
    """The same lease with a later end."""
    db.execute(
        "UPDATE lease SET statement = ?, not_after = ? WHERE serial = ? AND not_after < ?",
        (statement, terms.not_after, terms.serial, terms.not_after),
    )


def try_from(db: sqlite3.Connection, serial: str, sources: Sequence[object], now: float) -> None:
    """Fetch from these, from now on; one that was refused is tried again."""
    db.execute(
        "UPDATE lease SET sources = ?, state = 'fetching', tries = 0, next_try = ?, name = '',"
        " why = '' WHERE serial = ? AND state != 'held'",
        (json.dumps(list(sources)), now, serial),
    )


def settle_held(book: Book, holding: Holding, digests: Iterable[bytes], have: int) -> None:
    """From now on it is held, and these are its blocks."""
    with book.write() as db:
        db.execute("DELETE FROM lease_block WHERE lease = ?", (holding.id,))
        db.executemany(
            "INSERT OR IGNORE INTO lease_block (digest, lease) SELECT ?, id FROM lease"
            " WHERE id = ?",
            ((digest, holding.id) for digest in digests),
        )
        db.execute(
            "UPDATE lease SET state = 'held', have = ?, name = '', why = '', tries = 0"
            " WHERE id = ?",
            (have, holding.id),
        )


def share(db: sqlite3.Connection, other: Holding, serial: str) -> None:
    """A lease for what another one holds already: held at once."""
    db.execute(
        "INSERT INTO lease_block (digest, lease) SELECT digest,"
        " (SELECT id FROM lease WHERE serial = ?) FROM lease_block WHERE lease = ?",
        (serial, other.id),
    )
    db.execute("UPDATE lease SET state = 'held', have = ? WHERE serial = ?", (other.have, serial))


def settle_refused(book: Book, holding: Holding, name: str, why: str) -> None:
    with book.write() as db:
        db.execute(
            "UPDATE lease SET state = 'refused', have = 0, name = ?, why = ? WHERE id = ?",
            (name, why, holding.id),
        )
        db.execute("DELETE FROM lease_block WHERE lease = ?", (holding.id,))


def put_off(book: Book, holding: Holding, *, until: float, name: str, why: str) -> None:
    """Try again later."""
    with book.write() as db:
        db.execute(
            "UPDATE lease SET tries = tries + 1, next_try = ?, name = ?, why = ? WHERE id = ?"
            " AND state = 'fetching'",
            (until, name, why, holding.id),
        )


def doubt(book: Book, digest: bytes, now: float) -> int:
    """A block turned out damaged: what needs it is fetched anew. How many leases that were."""
    with book.write() as db:
        changed = db.execute(
            "UPDATE lease SET state = 'fetching', next_try = ?, why = 'A block is damaged.'"
            " WHERE state = 'held' AND id IN (SELECT lease FROM lease_block WHERE digest = ?)",
            (now, digest),
        )
        return changed.rowcount


def remove(book: Book, holding: Holding) -> None:
    with book.write() as db:
        db.execute("DELETE FROM lease WHERE id = ?", (holding.id,))


def _one(book: Book, rest: str, values: tuple[object, ...]) -> Holding | None:
    found = _many(book, rest, values)
    return found[0] if found else None


def _many(book: Book, rest: str, values: tuple[object, ...]) -> list[Holding]:
    with book.read() as db:
        rows = db.execute(f"SELECT * FROM lease {rest}", values).fetchall()  # noqa: S608 - our words
    return [_holding(row) for row in rows]


def _holding(row: sqlite3.Row) -> Holding:
    return Holding(**{**dict(row), "sources": tuple(json.loads(row["sources"]))})

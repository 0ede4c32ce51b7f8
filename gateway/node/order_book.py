"""Rows of the book: order limits that clients showed, their receipts, and what was handed in."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.node.book import Book
from node_bridge.network.orders import OrderLimit

FIRST = 1 << 20  # bytes

SCHEMA = """
CREATE TABLE IF NOT EXISTS order_limit (
    serial TEXT PRIMARY KEY,
    client TEXT NOT NULL,
    root TEXT NOT NULL,
    max_bytes INTEGER NOT NULL,
    price INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    received INTEGER NOT NULL DEFAULT 0 CHECK (received BETWEEN 0 AND max_bytes),
    receipt TEXT NOT NULL DEFAULT '',
    received_at REAL NOT NULL DEFAULT 0,
    handed INTEGER NOT NULL DEFAULT 0 CHECK (handed <= received),
    tries INTEGER NOT NULL DEFAULT 0,
    why TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS order_limit_due ON order_limit (expires) WHERE handed < received;
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A limit as it stands: `received` bytes by the last receipt, `handed` acknowledged."""

    serial: str
    received: int
    receipt: str
    received_at: float
    handed: int
    expires: int
    why: str


def add(book: Book, limit: OrderLimit) -> int:
    """Note a limit at its first sight; the bytes receipted so far, if it was here before."""
    with book.write() as db:
        db.execute(
            "INSERT OR IGNORE INTO order_limit (serial, client, root, max_bytes, price, expires)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                limit.serial,
                limit.client,
                limit.root,
                limit.max_bytes,
                limit.price,
                limit.expires,
            ),
        )
        row = _row(db, limit.serial)
    return row.received if row else 0


def find(book: Book, serial: str) -> Row | None:
    with book.read() as db:
        return _row(db, serial)


def keep_receipts(book: Book, receipts: Mapping[str, tuple[int, str]], now: float) -> None:
    """Write down receipts, (bytes, statement) by serial; a lower one never replaces a higher."""
    with book.write() as db:
        db.executemany(
            "UPDATE order_limit SET received = ?, receipt = ?, received_at = ?, why = ''"
            " WHERE serial = ? AND received < ?",
            [(size, text, now, serial, size) for serial, (size, text) in receipts.items()],
        )


def due(book: Book, *, quiet: float, ending: float, now: float, most: int) -> Sequence[Row]:
    """Limits to hand in: those with no newer receipt for `quiet` seconds, or that end soon.

    A first mebibyte goes in at once: a view that was served is not given back as if it were not.
    """
    with book.read() as db:
        rows = db.execute(
            "SELECT * FROM order_limit WHERE handed < received AND why = '' AND expires > ?"
            " AND (received_at < ? OR expires < ? OR (handed = 0 AND received >= ?))"
            " ORDER BY expires LIMIT ?",
            (now, now - quiet, now + ending, FIRST, most),
        ).fetchall()
    return [_of(row) for row in rows]


def acknowledge(book: Book, handed: Mapping[str, int], refused: Mapping[str, str]) -> None:
    """Note what the gateway counts, in bytes by serial, and what it refused, with the reason."""
    with book.write() as db:
        db.executemany(
            "UPDATE order_limit SET handed = MAX(handed, MIN(?, received)), tries = 0"
            " WHERE serial = ?",
            [(size, serial) for serial, size in handed.items()],
        )
        db.executemany(
            "UPDATE order_limit SET why = ? WHERE serial = ?",
            [(why, serial) for serial, why in refused.items()],
        )


def tried(book: Book, serials: Iterable[str]) -> None:
    """Note that nobody answered; they are handed in again."""
    with book.write() as db:
        db.executemany(
            "UPDATE order_limit SET tries = tries + 1 WHERE serial = ?",
            [(serial,) for serial in serials],
        )


def forget(book: Book, *, before: float) -> int:
    """Drop limits that ended before then; how many those were."""
    with book.write() as db:
        return db.execute("DELETE FROM order_limit WHERE expires < ?", (before,)).rowcount


def totals(book: Book) -> dict[str, int]:
    """Bytes sold under limits of the last days: receipted, of these acknowledged, and refused."""
    with book.read() as db:
        row = db.execute(
            "SELECT COALESCE(SUM(received), 0) AS received, COALESCE(SUM(handed), 0) AS handed,"
            " COALESCE(SUM(CASE WHEN why != '' THEN received - handed END), 0) AS refused"
            " FROM order_limit"
        ).fetchone()
    return {name: int(row[name]) for name in ("received", "handed", "refused")}


def _row(db: sqlite3.Connection, serial: str) -> Row | None:
    found = db.execute("SELECT * FROM order_limit WHERE serial = ?", (serial,)).fetchone()
    return _of(found) if found else None


def _of(row: sqlite3.Row) -> Row:
    return Row(
        serial=row["serial"],
        received=row["received"],
        receipt=row["receipt"],
        received_at=row["received_at"],
        handed=row["handed"],
        expires=row["expires"],
        why=row["why"],
    )

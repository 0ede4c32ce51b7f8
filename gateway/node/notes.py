"""Rows of the book: what the node remembers of itself, and what it has counted."""

from collections.abc import Mapping
from datetime import UTC, datetime

from gateway.node.book import Book

SCHEMA = """
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (
    day TEXT NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (day, name)
) WITHOUT ROWID;
"""


def read(book: Book, name: str) -> str:
    """What was noted, "" for nothing."""
    with book.read() as db:
        row = db.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def write(book: Book, name: str, value: str) -> None:
    with book.write() as db:
        db.execute("INSERT OR REPLACE INTO note (name, value) VALUES (?, ?)", (name, value))


def count(book: Book, counts: Mapping[str, int]) -> None:
    """Add to today's counters."""
    day = datetime.now(UTC).date().isoformat()
    with book.write() as db:
        db.executemany(
            "INSERT INTO counter (day, name, value) VALUES (?, ?, ?)"
            " ON CONFLICT (day, name) DO UPDATE SET value = value + excluded.value",
            [(day, name, value) for name, value in counts.items() if value],
        )


def counted(book: Book, day: str) -> dict[str, int]:
    """A day's counters, the day written 2026-11-23."""
    with book.read() as db:
        rows = db.execute("SELECT name, value FROM counter WHERE day = ?", (day,)).fetchall()
    return {str(name): int(value) for name, value in rows}

"""Rows of the book: what other nodes owe this one for bytes, and what this one owes others."""

from dataclasses import dataclass

from gateway.node.book import Book
from node_bridge.network.identity import PeerId

SCHEMA = """
CREATE TABLE IF NOT EXISTS debtor (
    peer_id TEXT PRIMARY KEY,
    acknowledged INTEGER NOT NULL DEFAULT 0,
    sent INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS creditor (
    peer_id TEXT PRIMARY KEY,
    signed INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Debtor:
    """`acknowledged` drops the gateway counts in all, `sent` bytes went there in all."""

    acknowledged: int = 0
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Creditor:
    """`signed` drops we said we owe in all, `size` bytes we had in all."""

    signed: int = 0
    size: int = 0


def debtor(book: Book, peer_id: PeerId) -> Debtor:
    with book.read() as db:
        row = db.execute("SELECT * FROM debtor WHERE peer_id = ?", (peer_id,)).fetchone()
    return Debtor(row["acknowledged"], row["sent"]) if row else Debtor()


def keep_debtor(book: Book, peer_id: PeerId, now: Debtor) -> None:
    """Neither number ever falls."""
    with book.write() as db:
        db.execute(
            "INSERT INTO debtor (peer_id, acknowledged, sent) VALUES (?, ?, ?)"
            " ON CONFLICT (peer_id) DO UPDATE SET"
            " acknowledged = MAX(acknowledged, excluded.acknowledged),"
            " sent = MAX(sent, excluded.sent)",
            (peer_id, now.acknowledged, now.sent),
        )


def creditor(book: Book, peer_id: PeerId) -> Creditor:
    with book.read() as db:
        row = db.execute("SELECT * FROM creditor WHERE peer_id = ?", (peer_id,)).fetchone()
    return Creditor(row["signed"], row["size"]) if row else Creditor()


def keep_creditor(book: Book, peer_id: PeerId, now: Creditor) -> None:
    """Neither number ever falls."""
    with book.write() as db:
        db.execute(
            "INSERT INTO creditor (peer_id, signed, size) VALUES (?, ?, ?)"
            " ON CONFLICT (peer_id) DO UPDATE SET"
            " signed = MAX(signed, excluded.signed), size = MAX(size, excluded.size)",
            (peer_id, now.signed, now.size),
        )

"""The chain of journals: each is hashed together with the hash of the one before it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC

from django.db.models import Prefetch

from wetube.cloudcoin.models import FIRST_HASH, Book, Entry, Journal


def hash_of(journal: Journal, legs: Iterable[tuple[str, int]]) -> str:
    """SHA-256 over the hash before, the journal's facts, and its legs (account key, drops)."""
    facts = [
        journal.prev_hash,
        journal.reference,
        str(journal.kind),
        journal.at.astimezone(UTC).isoformat(timespec="microseconds"),
        sorted(legs),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def faults() -> Iterator[tuple[str, str]]:
    """(row, what is wrong with it) for every broken link, the missing end included."""
    before, count = FIRST_HASH, 0
    for journal in _in_order():
        row = f"journal {journal.reference}"
        if journal.prev_hash != before:
            yield row, "does not follow the journal before it"
        if journal.hash != hash_of(journal, _legs(journal)):
            yield row, "is not what was hashed when it was posted"
        before, count = journal.hash, count + 1
    book = Book.objects.first() or Book()
    if (book.head, book.journals) != (before, count):
        yield "the book", f"ends with another journal than the last of {count}"


def _in_order() -> Iterator[Journal]:
    legs = Prefetch("entries", Entry.objects.select_related("account"))
    return Journal.objects.order_by("pk").prefetch_related(legs).iterator(chunk_size=500)


def _legs(journal: Journal) -> list[tuple[str, int]]:
    return [(entry.account.key, entry.amount) for entry in journal.entries.all()]

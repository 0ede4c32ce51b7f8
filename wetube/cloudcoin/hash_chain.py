"""The chain of journals: each is hashed together with the hash of the one before it."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import UTC

from django.db.models import Prefetch

from wetube.cloudcoin.findings import Since
from wetube.cloudcoin.models import Book, Entry, Journal


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


def faults(since: Since) -> Iterator[tuple[str, str]]:
    """(row, what is wrong with it) for every broken link, the missing end included."""
    before, count = since.head, since.journals
    for journal in _after(since.journal):
        row = f"journal {journal.reference}"
        if journal.prev_hash != before:
            yield row, "does not follow the journal before it"
        if journal.hash != hash_of(journal, _legs(journal)):
            yield row, "is not what was hashed when it was posted"
        before, count = journal.hash, count + 1
    book = Book.objects.first() or Book()
    if (book.head, book.journals) != (before, count):
        yield "the book", f"ends with another journal than the last of {count}"


def _after(last: int) -> Iterator[Journal]:
    legs = Prefetch("entries", Entry.objects.select_related("account"))
    journals = Journal.objects.filter(pk__gt=last).order_by("pk")
    return journals.prefetch_related(legs).iterator(chunk_size=500)


def _legs(journal: Journal) -> list[tuple[str, int]]:
    return [(entry.account.key, entry.amount) for entry in journal.entries.all()]

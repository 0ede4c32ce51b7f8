"""Holding on to a claimed row while long work goes on.

A thread renews the claim well before it ends. When this process dies, so does
the thread, and the row is free again within a minute; when another hand took
the row, the work learns it and stops.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

from wetube.core.states import Stateful

LASTS = timedelta(seconds=60)
EVERY = 15.0


class Hold:
    """What the work may ask: is the row still mine?"""

    def __init__(self) -> None:
        self._lost = threading.Event()
        self._done = threading.Event()

    def is_lost(self) -> bool:
        return self._lost.is_set()


def until() -> datetime:
    """When a claim made or renewed now ends."""
    return timezone.now() + LASTS


@contextmanager
def holding(row: Stateful) -> Iterator[Hold]:
    """Keep this process's claim on `row` alive for the length of the block."""
    hold = Hold()
    keeper = threading.Thread(target=_renew_until_done, args=(row, hold), daemon=True)
    keeper.start()
    try:
        yield hold
    finally:
        hold._done.set()
        keeper.join()


def _renew_until_done(row: Stateful, hold: Hold) -> None:
    try:
        while not hold._done.wait(EVERY):
            if not _renewed(row):
                hold._lost.set()
                return
    finally:
        connection.close()


def _renewed(row: Stateful) -> bool:
    """A database that is away for a moment does not lose the claim; its end in the row decides."""
    try:
        return row.renew(until=until())
    except DatabaseError:
        connection.close()
        return row.claimed_until is not None and row.claimed_until > timezone.now()

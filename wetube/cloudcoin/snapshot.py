"""One moment of the database to read from, while others go on writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """Every query inside sees the same state; inside a transaction of the caller's, its state."""
    if connection.in_atomic_block:
        yield
        return
    with _no_write_lock(), transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@contextmanager
def _no_write_lock() -> Iterator[None]:
    """The site's SQLite transactions begin by locking out writers; a reader need not."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    if wrapper.vendor != "sqlite":
        yield
        return
    wrapper.ensure_connection()  # it learns its mode only then
    usual, wrapper.transaction_mode = wrapper.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        wrapper.transaction_mode = usual

"""Emptying the database after a transactional test, although the books refuse to be emptied."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.sqlite3.base import DatabaseWrapper

GUARDS = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    " AND (name LIKE 'cloudcoin_%' OR name LIKE 'tokens_%')"
)


@contextmanager
def wipes_lift_the_guards() -> Iterator[None]:
    """SQLite wipes by DELETE, which the triggers refuse; PostgreSQL's TRUNCATE passes them."""
    kind: Any = DatabaseWrapper.ops_class
    wipe = kind.execute_sql_flush

    def lifted(operations: Any, statements: list[str]) -> None:
        with operations.connection.cursor() as cursor:
            guards = cursor.execute(GUARDS).fetchall()
            for name, _ in guards:
                cursor.execute(f"DROP TRIGGER {name}")
            wipe(operations, statements)
            for _, guard in guards:
                cursor.execute(guard)

    kind.execute_sql_flush = lifted
    try:
        yield
    finally:
        kind.execute_sql_flush = wipe

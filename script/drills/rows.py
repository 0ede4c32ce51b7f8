"""Looking into a running site's database from outside, without writing."""

import contextlib
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

AWAY_FOR = 60.0  # seconds


def of_sqlite(file: Path, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    address = f"file:{file}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=20)) as database:
        return database.execute(query, values).fetchall()


def of_postgres(url: str, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """Asks again while the server is away; raises OperationalError if it stays so."""
    deadline = time.monotonic() + AWAY_FOR
    while True:
        try:
            return _asked(url, query.replace("?", "%s"), values)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _asked(url: str, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, connect_timeout=5) as database:
        # a lone % means itself only in a query that has no values
        return database.execute(query.encode(), values or None).fetchall()

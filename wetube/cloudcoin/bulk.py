"""Statements over many rows at once, for either database.

A round trip for each row would cost PostgreSQL more than the commit, so it gets one statement
with a list for each column, or its COPY; SQLite has no way to go, and repeats a prepared
statement. Lists of numbers are written here: psycopg takes longer for them than the server.
Names of tables and columns are ours, never anybody's input.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

Row = Sequence[Any]


def among(column: str, numbers: Iterable[int]) -> tuple[str, list[Any]]:
    """A condition, and what goes with it: the column is one of the numbers."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::bigint[])", [_list("bigint", numbers)]
    listed = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608
    return listed, [json.dumps(list(numbers))]


def locking(table: str) -> str:
    """What ends a SELECT that keeps its rows of `table` until the commit.

    Foreign keys are left alone; SQLite's transactions keep everything from the start.
    """
    return f" FOR NO KEY UPDATE OF {table}" if connection.vendor == "postgresql" else ""


def update(table: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
    """Set the columns (name to PostgreSQL's type); the last value of each row is its id."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            changes = ", ".join(f"{column} = %s" for column in columns)
            cursor.executemany(f"UPDATE {table} SET {changes} WHERE id = %s", rows)  # noqa: S608
            return
        types = {**columns, "id": "bigint"}
        changes = ", ".join(f"{column} = new.{column}" for column in columns)
        cursor.execute(
            f"UPDATE {table} AS old SET {changes} FROM"  # noqa: S608
            f" {_lists(types)} WHERE old.id = new.id",
            [_list(*each) for each in zip(types.values(), zip(*rows, strict=True), strict=True)],
        )


def insert(table: str, columns: Sequence[str], rows: Sequence[Row]) -> list[int]:
    """Append the rows, whose values are numbers, times and plain strings; their ids."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Ids first: a COPY returns none.
            ids = _new_ids(cursor, table, len(rows))
            into = f"COPY {table} (id, {names}) FROM STDIN"
            with connection.wrap_database_errors, cursor.copy(into) as copy:
                for pk, row in zip(ids, rows, strict=True):
                    copy.write_row((pk, *row))
            return ids
        ids = _next_ids(cursor, table, len(rows))
        marks = ", ".join(["%s"] * (len(columns) + 1))
        cursor.executemany(
            f"INSERT INTO {table} (id, {names}) VALUES ({marks})",  # noqa: S608
            [(pk, *row) for pk, row in zip(ids, rows, strict=True)],
        )
        return ids


def _lists(columns: Mapping[str, str]) -> str:
    casts = ", ".join(f"%s::{type_}[]" for type_ in columns.values())
    return f"unnest({casts}) AS new({', '.join(columns)})"


def _list(type_: str, values: Iterable[Any]) -> str | list[Any]:
    """One column's values, for a cast to an array of that type."""
    return f"{{{','.join(map(str, values))}}}" if type_ == "bigint" else list(values)


def _new_ids(cursor: Any, table: str, count: int) -> list[int]:
    cursor.execute(
        "WITH named AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS ids)"
        " SELECT nextval(ids) FROM named, generate_series(1, %s)",
        [table, count],
    )
    return [row[0] for row in cursor.fetchall()]


def _next_ids(cursor: Any, table: str, count: int) -> list[int]:
    """SQLite: those after the last one given, as this transaction alone writes."""
    cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
    first = cursor.fetchone()[0] + 1
    return list(range(first, first + count))

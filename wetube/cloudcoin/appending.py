"""Writing many charges at once, without a statement or a model's ceremony for each."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from wetube.cloudcoin.models import Charge

_COLUMNS = {
    "key": "varchar", "kind": "varchar", "reference": "varchar", "tab_id": "bigint",
    "payee_id": "bigint", "amount": "bigint", "cumulative": "bigint", "payee_share": "bigint",
    "nodes_share": "bigint", "gateway_share": "bigint", "subject": "varchar", "label": "varchar",
    "ratecard_id": "bigint", "at": "timestamptz",
}  # fmt: skip
_NAMES = ", ".join(_COLUMNS)


def append(charges: Sequence[Charge]) -> None:
    """Write new charges and give each its id; raises what the database raises."""
    at = connection.ops.adapt_datetimefield_value
    times = {charge.at: at(charge.at) for charge in charges}
    rows = [
        (*(getattr(charge, column) for column in list(_COLUMNS)[:-1]), times[charge.at])
        for charge in charges
    ]
    ids = _insert_columns(rows) if connection.vendor == "postgresql" else _insert_rows(rows)
    for charge, pk in zip(charges, ids, strict=True):
        charge.pk = pk
        charge._state.adding = False


def _insert_columns(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """PostgreSQL: one statement, a list for each column."""
    arrays = ", ".join(f"%s::{type_}[]" for type_ in _COLUMNS.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cloudcoin_charge ({_NAMES})"  # noqa: S608 - our own names
            f" SELECT * FROM unnest({arrays}) RETURNING reference, id",
            [list(values) for values in zip(*rows, strict=True)],
        )
        ids = dict(cursor.fetchall())
    place = list(_COLUMNS).index("reference")
    return [ids[row[place]] for row in rows]


def _insert_rows(rows: Sequence[tuple[Any, ...]]) -> list[int]:
    """SQLite: ids are given here, as this transaction alone writes."""
    marks = ", ".join(["%s"] * (len(_COLUMNS) + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s",
            ["cloudcoin_charge"],
        )
        first = cursor.fetchone()[0] + 1
        ids = list(range(first, first + len(rows)))
        cursor.executemany(
            f"INSERT INTO cloudcoin_charge (id, {_NAMES}) VALUES ({marks})",  # noqa: S608
            [(pk, *row) for pk, row in zip(ids, rows, strict=True)],
        )
    return ids

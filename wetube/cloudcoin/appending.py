"""Charges on their way into the database, without a model's ceremony for each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from wetube.cloudcoin import bulk
from wetube.cloudcoin.models import Charge

_COLUMNS = {
    "key": "varchar", "kind": "varchar", "reference": "varchar", "tab_id": "bigint",
    "payee_id": "bigint", "amount": "bigint", "cumulative": "bigint", "payee_share": "bigint",
    "nodes_share": "bigint", "gateway_share": "bigint", "subject": "varchar", "label": "varchar",
    "ratecard_id": "bigint", "at": "timestamptz",
}  # fmt: skip


class Line(NamedTuple):
    """A charge that was decided and is not written yet, named as the row will be."""

    key: str
    kind: Charge.Kind
    reference: str
    tab_id: int
    payee_id: int
    amount: int
    cumulative: int
    payee_share: int
    nodes_share: int
    gateway_share: int
    subject: str
    label: str
    ratecard_id: int
    at: datetime

    def written(self, pk: int) -> Charge:
        """The row this line became."""
        facts: list[Any] = [pk, *self]  # in the order of its fields: by name it takes longer
        charge = Charge(*facts)
        charge._state.adding = False
        return charge


def append(lines: Sequence[Line]) -> list[int]:
    """Write them all; their ids in the same order. Raises what the database raises."""
    adapt = connection.ops.adapt_datetimefield_value
    times = {at: adapt(at) for at in {line.at for line in lines}}
    rows = [(*line[:-1], times[line.at]) for line in lines]
    return bulk.insert("cloudcoin_charge", _COLUMNS, rows)

"""Charges on their way into the database, without a model's ceremony for each."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models.base import ModelState

from wetube.cloudcoin import bulk
from wetube.cloudcoin.models import Charge


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
        """The row this line became, filled in the way a pickled one is: calling the model
        takes four times as long, and this is done for every view."""
        charge = Charge.__new__(Charge)
        state = ModelState()
        state.adding = False
        vars(charge).update(self._asdict(), _state=state, id=pk, rollup_id=None)
        return charge


def append(lines: Sequence[Line]) -> list[int]:
    """Write them all; their ids in the same order. Raises what the database raises."""
    adapt = connection.ops.adapt_datetimefield_value
    times = {at: adapt(at) for at in {line.at for line in lines}}
    rows = [(line.key, str(line.kind), *line[2:-1], times[line.at]) for line in lines]
    return bulk.insert("cloudcoin_charge", Line._fields, rows)

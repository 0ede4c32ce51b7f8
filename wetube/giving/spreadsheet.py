"""A creator's income as a spreadsheet."""

import csv
from collections.abc import Iterator

from wetube.cloudcoin import income, spending
from wetube.cloudcoin.amounts import plain
from wetube.people.models import User

HEAD = ["date", "source", "title", "subject", "paid CLD", "your share CLD", "state"]


def of_income(user: User) -> Iterator[str]:
    """Line by line, the head first, the newest charge next; shares sum to the income's total."""
    writer = csv.writer(spending.Echo())
    yield writer.writerow(HEAD)
    rows = income.earned(user).select_related("tab").order_by("-at", "-pk")
    for charge in rows.iterator(chunk_size=500):
        yield writer.writerow(
            [
                charge.at.isoformat(timespec="seconds"),
                income.source_of(charge),
                spending.inert(charge.label),
                spending.inert(charge.subject),
                plain(charge.amount),
                plain(charge.payee_share),
                "settled" if charge.rollup_id else "settling",
            ]
        )

"""A person's charges as a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator

from wetube.cloudcoin.amounts import plain
from wetube.cloudcoin.models import Charge

HEAD = ["date", "receipt", "title", "subject", "kind", "paid from", "amount CLD", "creator CLD",
        "nodes CLD", "gateway CLD", "state"]  # fmt: skip


def as_csv(charges: Iterable[Charge]) -> Iterator[str]:
    """Line by line, the head first; amounts with a point, so that they import anywhere."""
    writer = csv.writer(Echo())
    yield writer.writerow(HEAD)
    for charge in charges:
        yield writer.writerow(
            [
                charge.at.isoformat(timespec="seconds"),
                charge.key,
                inert(charge.label),
                inert(charge.subject),
                charge.kind,
                charge.tab.kind,
                plain(charge.amount),
                plain(charge.payee_share),
                plain(charge.nodes_share),
                plain(charge.gateway_share),
                state(charge),
            ]
        )


def state(charge: Charge) -> str:
    """refunded, settled or settling."""
    if hasattr(charge, "refund"):
        return "refunded"
    return "settled" if charge.rollup_id else "settling"


def inert(text: str) -> str:
    """A title that begins like a formula must not run in somebody's spreadsheet."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


class Echo:
    """csv.writer gives back what its file's `write` gives back: here the line itself."""

    def write(self, line: str) -> str:
        return line

"""What it costs to settle a view, by how many wait: it should not depend on that.

So many charges of 1 000 viewers to 100 creators wait and are rolled up into journals, in one
database that grows from size to size. The figures are microseconds a view, and the last size
against the first; beside it stands the last against the cheapest of all. `DATABASE_URL` names
the database; unsaid it is a new SQLite file.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

SCRATCH = tempfile.TemporaryDirectory(prefix="rollup-")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(SCRATCH.name) / 'bench.sqlite3'}")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wetube.settings")
os.environ.setdefault("WETUBE_DATA", SCRATCH.name)

import django  # noqa: E402 - the settings above are read at once

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.report import note, report  # noqa: E402
from wetube.cloudcoin import invariants, ledger, ratecards, rollup  # noqa: E402
from wetube.cloudcoin.guarded import rewritten  # noqa: E402
from wetube.cloudcoin.models import Account, Charge, Journal, Tab  # noqa: E402
from wetube.people.models import User  # noqa: E402

GOAL = 1.5
PRICE = 1000  # drops
VIEWERS, CREATORS = 1000, 100
AT_ONCE = 5000
INSERT = (
    "INSERT INTO cloudcoin_charge (key, kind, reference, tab_id, payee_id, amount, cumulative,"
    " payee_share, nodes_share, gateway_share, subject, label, ratecard_id, at)"
    " VALUES (%s, 'view', %s, %s, %s, %s, %s, %s, %s, %s, 'video:bench', '', %s, %s)"
)


def main() -> int:
    options = _options()
    sizes = [10**power for power in range(3, options.power + 1)]
    with _scratch_database():
        tabs, payees = _people(PRICE * sum(sizes))
        cost: dict[int, float] = {}
        for size in sizes:
            _wait(tabs, payees, size)
            _tidy()
            began = time.perf_counter()
            if rollup.roll_up() != size:
                raise SystemExit("Not all were settled.")
            cost[size] = (time.perf_counter() - began) / size
            note(f"rollup of {size}", f"{cost[size] * 1e6:.1f} µs a view")
        _books_hold()
    least = min(cost.values())
    note(f"rollup of {sizes[-1]} / the cheapest", f"{cost[sizes[-1]] / least:.2f}")
    figure = cost[sizes[-1]] / cost[sizes[0]]
    name = f"rollup a view, {sizes[-1]} / {sizes[0]}"
    return 0 if report(name, figure, GOAL, "lower") else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--power", type=int, default=6, help="up to ten to the power of this")
    return parser.parse_args()


class _scratch_database:  # noqa: N801 - reads as what it is
    """A database made for this run and gone after it; nothing here depends on its durability."""

    def __enter__(self) -> None:
        self._usual = connection.settings_dict["NAME"]
        if connection.vendor == "sqlite":
            call_command("migrate", verbosity=0, skip_checks=True)
        else:
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        note("rollup database", connection.vendor)

    def __exit__(self, *_error: object) -> None:
        connections.close_all()
        if connection.vendor != "sqlite":
            connection.creation.destroy_test_db(self._usual, verbosity=0)
        SCRATCH.cleanup()


@transaction.atomic
def _people(coin: int) -> tuple[list[Tab], list[int]]:
    """Viewers' tabs with enough coin for all, and creators' accounts."""
    people = [User.objects.create() for _ in range(VIEWERS + CREATORS)]
    accounts = [ledger.account_of(person) for person in people]
    each = coin // VIEWERS + PRICE
    ledger.post(
        reference="bench",
        kind=Journal.Kind.EMISSION,
        entries=[
            (ledger.house(Account.Kind.ISSUANCE), -each * VIEWERS),
            *((account, each) for account in accounts[:VIEWERS]),
        ],
    )
    tabs = Tab.objects.filter(account__in=accounts[:VIEWERS]).select_related("account")
    return list(tabs), [account.pk for account in accounts[VIEWERS:]]


@transaction.atomic
def _wait(tabs: list[Tab], payees: list[int], size: int) -> None:
    """So many charges as the till appends them, with what it counts on tabs and accounts."""
    lines = _lines(tabs, payees, size)
    with connection.cursor() as cursor:
        while some := list(islice(lines, AT_ONCE)):
            cursor.executemany(INSERT, some)
    each = PRICE * (size // VIEWERS)
    rewritten(Tab.objects.filter(pk__in=[tab.pk for tab in tabs]), charged=F("charged") + each)
    accounts = Account.objects.filter(pk__in=[tab.account_id for tab in tabs])
    rewritten(accounts, held=F("held") + each)


def _tidy() -> None:
    """What was written to make the charges wait is not the roll-up's to carry away."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _lines(tabs: list[Tab], payees: list[int], size: int) -> Iterator[tuple[Any, ...]]:
    """Each viewer pays one creator after the other."""
    card, now = ratecards.current(), timezone.now()
    shares, first = ratecards.split(PRICE, card), Charge.objects.count()
    at = connection.ops.adapt_datetimefield_value(now)
    for number in range(first, first + size):
        tab = tabs[number % VIEWERS]
        payee = payees[number // VIEWERS % CREATORS]
        cumulative = PRICE * (number // VIEWERS + 1)
        key = f"{number:011d}"
        yield (key, f"bench:{key}", tab.pk, payee, PRICE, cumulative, *shares, card.pk, at)


def _books_hold() -> None:
    for invariant in ("I1", "I2", "I3"):
        if broken := invariants.check_one(invariant):
            raise SystemExit("\n".join(map(str, broken[:3])))


if __name__ == "__main__":
    sys.exit(main())

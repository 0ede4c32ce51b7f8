"""Durable charged views: the till with many callers against one double-entry transaction a view.

The floor is what one writes first: per view a journal, four entries and four balances by the
ORM, in a transaction of its own, by as many callers. Rounds are interleaved on one database,
the figures are medians. `DATABASE_URL` names the database; unsaid it is a new SQLite file.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median

SCRATCH = tempfile.TemporaryDirectory(prefix="charge-")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(SCRATCH.name) / 'bench.sqlite3'}")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wetube.settings")
os.environ.setdefault("WETUBE_DATA", SCRATCH.name)

import django  # noqa: E402 - the settings above are read at once

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.db.models import F  # noqa: E402

from bench.report import note, report  # noqa: E402
from wetube.cloudcoin import caps, invariants, ledger, models, ratecards, till  # noqa: E402
from wetube.cloudcoin.guarded import rewritten  # noqa: E402
from wetube.cloudcoin.models import Account, Entry, Journal  # noqa: E402
from wetube.people.models import User  # noqa: E402

GOAL = 10
PRICE = 1000  # drops
VIEWERS = 200
FLOOR_CALLERS = (1, 8)

Charge = Callable[[User, User, str], object]
_references = (f"bench:{number}" for number in count())


def main() -> int:
    options = _options()
    with _scratch_database():
        creator, viewers = _people()
        rates: dict[str, list[float]] = {"till": [], **{_floor(n): [] for n in FLOOR_CALLERS}}
        for _ in range(options.rounds):
            for callers in FLOOR_CALLERS:
                rate = _views_a_second(_naively, creator, viewers, callers, options.floor_views)
                rates[_floor(callers)].append(rate)
            rate = _views_a_second(_at_the_till, creator, viewers, options.callers, options.views)
            rates["till"].append(rate)
        _books_hold(options)
    figures = {name: median(values) for name, values in rates.items()}
    for name, figure in figures.items():
        note(f"charge {name}", f"{figure:.0f} views/s")
    floor = max(figures[_floor(callers)] for callers in FLOOR_CALLERS)
    return 0 if report("charge till / naive", figures["till"] / floor, GOAL) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", type=int, default=128)
    parser.add_argument("--views", type=int, default=6000)
    parser.add_argument("--floor-views", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


@contextmanager
def _scratch_database() -> Iterator[None]:
    """A database made for this run and gone after it, with the site's own durability."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")
        call_command("migrate", verbosity=0, skip_checks=True)
        connection.close()
    else:
        usual = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    note("charge database", _durability())
    try:
        yield
    finally:
        connections.close_all()
        if connection.vendor != "sqlite":
            connection.creation.destroy_test_db(usual, verbosity=0)
        SCRATCH.cleanup()


def _durability() -> str:
    asked = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        return f"{connection.vendor}, synchronous = {cursor.fetchone()[0]}"


def _people() -> tuple[User, list[User]]:
    creator, *viewers = (User.objects.create() for _ in range(VIEWERS + 1))
    ledger.account_of(creator)
    for viewer in viewers:
        caps.limit(viewer, per_view=10**9, per_day=10**12)
    return creator, viewers


def _views_a_second(
    charge: Charge, creator: User, viewers: list[User], callers: int, views: int
) -> float:
    """So many views by so many threads, each waiting for its own charge to be on disk."""
    work = iter([(viewers[number % VIEWERS], next(_references)) for number in range(views)])
    start = threading.Barrier(callers + 1)
    failures: list[Exception] = []

    def call() -> None:
        start.wait()
        try:
            for viewer, reference in work:
                charge(viewer, creator, reference)
        except Exception as failure:  # noqa: BLE001 - shown by the main thread
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return views / (time.perf_counter() - began)


def _at_the_till(viewer: User, creator: User, reference: str) -> None:
    till.charge(
        payer=viewer, payee=creator, amount=PRICE, reference=reference, subject="video:bench"
    )


@transaction.atomic
def _naively(viewer: User, creator: User, reference: str) -> None:
    accounts = [
        *Account.objects.filter(owner__in=[viewer, creator]).order_by("pk"),
        ledger.house(Account.Kind.NODES),
        ledger.house(Account.Kind.GATEWAY),
    ]
    shares = ratecards.split(PRICE, ratecards.current())
    of_viewer = {account.pk: -PRICE for account in accounts if account.owner_id == viewer.pk}
    others = [account.pk for account in accounts if account.pk not in of_viewer]
    moves = of_viewer | dict(zip(others, shares, strict=True))
    journal = Journal.objects.create(
        reference=reference, kind=Journal.Kind.TRANSFER, prev_hash=reference, hash=reference
    )
    for account, drops in sorted(moves.items()):
        Entry.objects.create(journal=journal, account_id=account, amount=drops)
        rewritten(Account.objects.filter(pk=account), balance=F("balance") + drops)


def _books_hold(options: argparse.Namespace) -> None:
    """Both ways must have done their work: every view charged, every drop accounted for."""
    wanted = options.views * options.rounds
    if models.Charge.objects.count() != wanted:
        raise SystemExit(f"{models.Charge.objects.count()} charges instead of {wanted}")
    for invariant in ("I1", "I2", "I3", "I5"):
        if broken := invariants.check_one(invariant):
            raise SystemExit("\n".join(map(str, broken)))


def _floor(callers: int) -> str:
    return f"naive, {callers} caller{'s' if callers > 1 else ''}"


if __name__ == "__main__":
    sys.exit(main())

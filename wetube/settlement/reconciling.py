"""Reconciling: every night each invariant is checked, and its result kept for the operator."""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from wetube.chain import deployment, events
from wetube.chain.rpc import ChainAway
from wetube.cloudcoin import checkpoints, invariants
from wetube.cloudcoin.findings import Broken
from wetube.cloudcoin.snapshot import one_moment
from wetube.settlement import chain_holds, crediting
from wetube.settlement.models import InvariantRun

logger = logging.getLogger(__name__)

KEPT = timedelta(days=90)
SHOWN = 50
TRIES, PAUSE = 3, 1.0
Test = Callable[[], Iterator[Broken]]

# Those the books alone can answer, and at one moment.
BOOKS = ("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I12")
# Asked of the rows of other apps; `watch` adds to them.
ROWS: dict[str, list[Test]] = {"I8": [chain_holds.leaves_only_grow], "I10": [], "I13": []}
# Asked of the chain, too.
CHAIN: dict[str, list[Test]] = {
    "I6": [chain_holds.claims_are_the_chain_s],
    "I8": [chain_holds.roots_are_covered],
    "I9": [
        chain_holds.vault_is_what_the_books_say,
        chain_holds.escrows_are_what_the_books_say,
    ],
    "I11": [chain_holds.minting_is_within_the_schedule],
}
NAMES = tuple(f"I{number}" for number in range(1, 14))


class NothingToCompare(Exception):
    """There is no chain, or the books have not answered all it said."""


def watch(invariant: str, test: Test) -> None:
    """Have `test` asked with the others; apps above say so in their `ready`. Once is enough."""
    if test not in ROWS.setdefault(invariant, []):
        ROWS[invariant].append(test)


def reconcile() -> list[InvariantRun]:
    """Check I1 to I13 and keep the results, in order; old results are forgotten."""
    booked = _check_books()
    runs = [_check(name, *booked.get(name, ([], 0.0))) for name in NAMES]
    InvariantRun.objects.filter(at__lt=timezone.now() - KEPT).delete()
    return runs


def newest() -> list[InvariantRun]:
    """The last result of each invariant, in order."""
    newest_of_each = InvariantRun.objects.values("invariant").annotate(last=Max("pk"))
    runs = InvariantRun.objects.filter(pk__in=newest_of_each.values("last"))
    last = {run.invariant: run for run in runs}
    return [last[name] for name in NAMES if name in last]


def _check_books() -> dict[str, tuple[list[Broken], float]]:
    """What each invariant of the books found, and in how many seconds, from the last check on."""
    since = checkpoints.since()
    found: dict[str, tuple[list[Broken], float]] = {}
    with one_moment():
        for name in BOOKS:
            began = time.monotonic()
            found[name] = invariants.check_one(name, since), time.monotonic() - began
        end = checkpoints.here()
    broken = [one for some, _seconds in found.values() for one in some]
    checkpoints.keep(end, began=since, broken=broken)
    return found


def _check(name: str, broken: list[Broken], seconds: float) -> InvariantRun:
    """Ask whatever else belongs to the invariant, and keep the result."""
    began, unknown = time.monotonic(), ""
    found = broken + [one for test in ROWS.get(name, []) for one in test()]
    try:
        found += _asked_of_the_chain(name)
    except (ChainAway, NothingToCompare) as away:
        unknown = str(away)
    says = [str(one) for one in found[:SHOWN]] + ([unknown] if unknown else [])
    if found:
        logger.error("%s does not hold: %s", name, "; ".join(says[:3]))
    return InvariantRun.objects.create(
        invariant=name,
        result=_result(found, unknown),
        found=len(found),
        findings=says,
        seconds=round(seconds + time.monotonic() - began, 3),
    )


def _result(found: list[Broken], unknown: str) -> str:
    if found:
        return InvariantRun.Result.BROKEN
    return InvariantRun.Result.UNKNOWN if unknown else InvariantRun.Result.HOLDS


def _asked_of_the_chain(name: str) -> list[Broken]:
    """What still is wrong after the books had time to follow; coin moves while we look.

    Raises ChainAway and NothingToCompare.
    """
    found: list[Broken] = []
    for _try in range(TRIES if CHAIN.get(name) else 0):
        if deployment.current() is None:
            raise NothingToCompare("There is no chain.")
        events.sync()
        crediting.credit()
        if crediting.is_behind():
            raise NothingToCompare("The books have not answered all that the chain said.")
        found = [one for test in CHAIN[name] for one in test()]
        if not found:
            break
        time.sleep(PAUSE)
    return found

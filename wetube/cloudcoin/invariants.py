"""What must be true of the books at every moment; whatever is not is named, row by row.

Old journals stay as written, so a check may begin where the last good one ended (`checkpoints`).
"""

from collections.abc import Callable, Iterator

from wetube.cloudcoin import journals_hold, tabs_hold
from wetube.cloudcoin.findings import Broken, Since
from wetube.cloudcoin.snapshot import one_moment

__all__ = ["TESTS", "Broken", "Since", "check", "check_one"]

Test = Callable[[Since], Iterator[Broken]]

TESTS: dict[str, tuple[Test, ...]] = {
    "I1": (journals_hold.journals_balance,),
    "I2": (journals_hold.balances_sum_to_nothing,),
    "I3": (journals_hold.nobody_is_overdrawn,),
    "I4": (tabs_hold.signed_tabs_are_covered,),
    "I5": (tabs_hold.tabs_add_up,),
    "I6": (tabs_hold.claims_are_charged,),
    "I7": (
        tabs_hold.charges_are_split_by_their_card,
        tabs_hold.rollups_are_their_charges,
        tabs_hold.refunds_are_whole,
    ),
    "I12": (journals_hold.journals_are_chained, journals_hold.database_guards_stand),
}


def check(since: Since | None = None) -> list[Broken]:
    """Everything that is wrong with the books at one moment; an empty list when they are right."""
    with one_moment():
        return [broken for invariant in TESTS for broken in check_one(invariant, since)]


def check_one(invariant: str, since: Since | None = None) -> list[Broken]:
    """What is wrong by one invariant; whoever asks for several asks within `one_moment`."""
    return [broken for test in TESTS[invariant] for broken in test(since or Since())]

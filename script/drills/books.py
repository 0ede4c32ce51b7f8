"""The books after a drill: settled, right, and summing to nothing."""

import time

from bench.report import note, report
from script.drills.rig import DrillFailed, Rig

SETTLED_WITHIN = 60.0
WAITING = "SELECT count(*) FROM cloudcoin_charge WHERE rollup_id IS NULL"


def settled(rig: Rig) -> list[bool]:
    """The roll-up catches up by itself, and then the books are right and sum to nothing."""
    began = time.monotonic()
    while waiting(rig) and time.monotonic() - began < 2 * SETTLED_WITHIN:
        time.sleep(0.5)
    took = time.monotonic() - began
    try:
        said = rig.manage("ledger", "check").strip()
    except DrillFailed as wrong:
        said = str(wrong)
    note("ledger check", said)
    total = int(rig.rows("SELECT sum(balance) FROM cloudcoin_account")[0][0])
    return [
        report("seconds until all was settled", took, SETTLED_WITHIN, "lower"),
        report("the books are right", float(said.startswith("The books are right")), 1),
        report("sum of all balances", abs(total), 0, "lower"),
    ]


def waiting(rig: Rig) -> int:
    """How many charges are not rolled up yet."""
    return int(rig.rows(WAITING)[0][0])

"""What lives since the start is no garbage: the collector need not look through it again.

A whole collection walks every object there is, for a hundred milliseconds and more once a site is
loaded; every request waits meanwhile. (`gc.freeze`, Python's library reference.)
"""

import gc

YOUNG = 50_000  # more objects made than gone before the collector looks at the newest
GENERATIONS = (50, 100)  # and before it looks at older ones, each counted in the one before


def leave_the_old_alone() -> None:
    """Call it once everything is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *GENERATIONS)

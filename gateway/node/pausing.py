"""How long to leave somebody alone who did not answer."""

import random

FIRST, LONGEST = 5.0, 900.0  # seconds


def after(failures: int) -> float:
    """Seconds: twice as long each time, and not all nodes at the same moment."""
    wait: float = min(FIRST * 2 ** min(max(failures - 1, 0), 10), LONGEST)
    return wait * random.uniform(0.7, 1.3)  # noqa: S311 - spreads load, no secret

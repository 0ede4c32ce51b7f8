"""Following the chain: what it says is credited, and who takes coin back is claimed of at once."""

from wetube.settlement import claimable, claiming, crediting, epochs


def follow() -> int:
    """Credit what is new; returns how many steps that were. One query without a chain."""
    epochs.begin()
    steps = crediting.credit()
    if steps and claimable.somebody_leaves():
        claiming.claim()
    return steps

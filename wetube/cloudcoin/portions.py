"""Dividing drops by weight, so that they sum to the whole."""

from collections.abc import Mapping


def divide(pool: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Drops for each name in proportion to its weight, by the largest remainder.

    They sum to `pool` and each lies within one drop of its exact share; equal remainders go by
    name, so the order of asking changes nothing. Whoever gets no drop is not in it. Without any
    weight nobody gets anything.
    """
    total = sum(weights.values())
    if not total:
        return {}
    drops, remainders = {}, {}
    for name, weight in weights.items():
        drops[name], remainders[name] = divmod(pool * weight, total)
    left = pool - sum(drops.values())
    for name in sorted(weights, key=lambda name: (-remainders[name], name))[:left]:
        drops[name] += 1
    return {name: share for name, share in drops.items() if share}

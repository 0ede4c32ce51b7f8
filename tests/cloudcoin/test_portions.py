"""Drops divided by weight: to the last drop, as near to fair as whole drops can be."""

import random
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from wetube.cloudcoin import portions

POOLS = st.integers(0, 10**13)
WEIGHTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.integers(0, 3_000_000))


@settings(max_examples=50)
@given(POOLS, WEIGHTS)
def test_portions_sum_to_the_pool(pool: int, weights: dict[str, int]) -> None:
    shares = portions.divide(pool, weights)

    assert sum(shares.values()) == (pool if any(weights.values()) else 0)
    assert all(drops > 0 for drops in shares.values())


@settings(max_examples=50)
@given(POOLS, WEIGHTS)
def test_each_portion_is_within_a_drop_of_its_exact_share(
    pool: int, weights: dict[str, int]
) -> None:
    shares = portions.divide(pool, weights)
    total = sum(weights.values())

    for name, weight in weights.items():
        exact = Fraction(pool * weight, total) if total else Fraction(0)
        assert abs(shares.get(name, 0) - exact) < 1


@settings(max_examples=50)
@given(POOLS, WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_asking_changes_nothing(
    pool: int, weights: dict[str, int], chance: random.Random
) -> None:
    shuffled = list(weights.items())
    chance.shuffle(shuffled)

    assert portions.divide(pool, dict(shuffled)) == portions.divide(pool, weights)


@settings(max_examples=50)
@given(POOLS, WEIGHTS)
def test_who_was_watched_longer_never_gets_less(pool: int, weights: dict[str, int]) -> None:
    shares = portions.divide(pool, weights)
    ranked = sorted(weights, key=lambda name: weights[name])

    for less, more in pairwise(ranked):
        if weights[less] < weights[more]:
            assert shares.get(less, 0) <= shares.get(more, 0)


def test_equal_remainders_go_by_name() -> None:
    assert portions.divide(2, {"c": 1, "b": 1, "a": 1}) == {"a": 1, "b": 1}
    assert portions.divide(0, {"a": 1}) == {}
    assert portions.divide(5, {}) == {}

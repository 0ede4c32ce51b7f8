"""Any amount splits exactly, in few parts, and a melting wallet's blanks always suffice."""

import math

from hypothesis import given
from hypothesis import strategies as st

from wetube.tokens.denominations import DENOMINATIONS, MOST, split

AMOUNTS = st.one_of(st.integers(1, 10_000), st.integers(1, MOST))


@given(AMOUNTS)
def test_parts_make_up_the_amount(amount: int) -> None:
    parts = split(amount)

    assert sum(parts) == amount
    assert set(parts) <= set(DENOMINATIONS)
    assert parts == sorted(parts)
    assert len(parts) <= 3 * len(str(amount))


@given(AMOUNTS)
def test_as_many_blanks_as_nut_08_sends_are_enough(amount: int) -> None:
    assert len(split(amount)) <= max(math.ceil(math.log2(amount)), 1)


def test_usual_prices_take_few_parts() -> None:
    prices = [1_000_000, 5_000_000, 10_000_000, 25_000_000, 30_000_000, 50_000_000]

    assert [len(split(price)) for price in prices] == [1, 1, 1, 2, 2, 1]


def test_a_keyset_has_fewer_keys_than_wallets_take() -> None:
    assert len(DENOMINATIONS) == 37
    assert max(DENOMINATIONS) == MOST

"""New coin is shared by bytes served, bound by the fees that were lost and by the reward."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wetube.settlement.emission import Work, share

WORKS = st.lists(
    st.builds(
        Work,
        address=st.uuids().map(str),
        served=st.integers(0, 10**15),
        fee=st.integers(0, 10**12),
    ),
    max_size=20,
    unique_by=lambda work: work.address,
)


@given(st.integers(0, 50 * 10**8), WORKS, st.integers(0, 100))
def test_never_above_the_reward_nor_the_fees(reward: int, works: list[Work], factor: int) -> None:
    shares = share(reward, works, factor=factor)

    assert sum(shares.values()) <= reward
    fees = {work.address: work.fee for work in works}
    assert all(0 < drops <= factor * fees[address] for address, drops in shares.items())


@given(WORKS)
def test_who_served_more_never_has_less(works: list[Work]) -> None:
    rich = [Work(work.address, work.served, 10**18) for work in works]
    shares = share(50 * 10**8, rich, factor=10)
    got = [shares.get(work.address, 0) for work in sorted(rich, key=lambda work: work.served)]
    assert got == sorted(got)


@given(st.integers(0, 50 * 10**8), WORKS, st.integers(1, 10**15))
def test_bytes_that_nobody_paid_for_take_nothing_from_others(
    reward: int, works: list[Work], claimed: int
) -> None:
    """A film of a terabyte watched for one drop would else leave nothing for who was paid."""
    honest = share(reward, works, factor=10)
    with_cheat = share(reward, [*works, Work("cheat", claimed, 0)], factor=10)
    assert with_cheat == honest


def test_what_one_may_not_have_the_others_get() -> None:
    works = [Work("cheat", 10**12, 1), Work("a", 300, 10**9), Work("b", 100, 10**9)]
    assert share(4_010, works, factor=10) == {"cheat": 10, "a": 3_000, "b": 1_000}


@pytest.mark.parametrize("works", [[], [Work("a", 0, 100)]])
def test_where_nothing_was_served_nothing_is_minted(works: list[Work]) -> None:
    assert share(50 * 10**8, works, factor=10) == {}


def test_an_epoch_of_one_node_with_enough_paid_is_all_its() -> None:
    assert share(5_000_000_000, [Work("a", 7, 10**9)], factor=10) == {"a": 5_000_000_000}


WASHED = st.lists(st.builds(Work, st.just("circle"), st.integers(0, 10**15), st.integers(0, 10**9)))


@given(st.integers(0, 50 * 10**8), WORKS, WORKS, WASHED)
def test_views_of_ones_own_never_bring_more_than_their_fees(
    reward: int, others: list[Work], honest: list[Work], washed: list[Work]
) -> None:
    """Viewer, creator and operator are one circle: all but the gateway's fee comes back to it.

    Neither the washed views themselves bring more than that, nor do they lift what the circle's
    node gets for the views of strangers; two drops are what rounding may do.
    """
    strangers = [*others, *(Work("circle", work.served, work.fee) for work in honest)]
    before = share(reward, strangers, factor=1).get("circle", 0)
    after = share(reward, [*strangers, *washed], factor=1).get("circle", 0)
    assert after - before <= sum(work.fee for work in washed) + 2


@pytest.mark.parametrize(
    ("price", "minted"),
    [(10**5, 10**7), (5 * 10**6, 5 * 10**8), (10**8, 10**10)],  # 0.001, 0.05 and 1 CLD a view
)
def test_what_a_day_of_a_thousand_views_mints(price: int, minted: int) -> None:
    """All of one node, a gigabyte each: a tenth of what was paid, far below the day's 7200 CLD.

    Under the bound before, ten times what was paid: 10, 500 and 7200 CLD.
    """
    epochs, views = 144, 1000
    day = 0
    for number in range(epochs):
        count = views * (number + 1) // epochs - views * number // epochs
        seen = [Work("node", 10**9, price // 10)] * count
        day += share(50 * 10**8, seen, factor=1).get("node", 0)
    assert day == minted == views * price // 10

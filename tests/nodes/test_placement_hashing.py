"""Weighted rendezvous hashing: fair, stable, never twice with one operator or prefix."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_bridge.network.placement import Candidate, choose, prefix_of, ranked

crowds = st.lists(
    st.builds(
        Candidate,
        peer_id=st.integers(0, 10**6).map(str),
        operator=st.integers(0, 6).map(str),
        prefix=st.integers(0, 6).map(str),
        weight=st.floats(0, 1e18),
    ),
    max_size=30,
    unique_by=lambda each: each.peer_id,
)


def crowd(count: int, weight: float = 1.0) -> list[Candidate]:
    return [Candidate(f"p{n}", f"o{n}", f"x{n}", weight) for n in range(count)]


@given(crowds, st.text(max_size=20), st.integers(0, 12), st.sets(st.integers(0, 6).map(str)))
def test_no_two_parts_lie_with_one_operator_or_behind_one_prefix(
    crowd: list[Candidate], cid: str, count: int, taken: set[str]
) -> None:
    chosen = choose(cid, crowd, count, operators=taken, prefixes=taken)
    assert len(chosen) <= count
    for held in ([each.operator for each in chosen], [each.prefix for each in chosen]):
        assert len(set(held)) == len(held)
        assert not set(held) & taken
    assert all(each.weight > 0 for each in chosen)


@given(crowds, st.text(max_size=20), st.integers(1, 6))
def test_a_choice_is_short_only_where_nobody_else_may_be_chosen(
    crowd: list[Candidate], cid: str, count: int
) -> None:
    chosen = choose(cid, crowd, count)
    if len(chosen) < count:
        operators = {each.operator for each in chosen}
        prefixes = {each.prefix for each in chosen}
        rest = [each for each in crowd if each.weight > 0 and each not in chosen]
        assert all(each.operator in operators or each.prefix in prefixes for each in rest)


@given(crowds, st.text(max_size=20), st.randoms())
def test_the_order_the_nodes_are_told_in_does_not_matter(
    crowd: list[Candidate], cid: str, random: object
) -> None:
    assert ranked(cid, crowd) == ranked(cid, crowd[::-1])


def test_a_node_that_goes_moves_only_what_it_held() -> None:
    nodes = crowd(20)
    for number in range(200):
        before = choose(f"cid{number}", nodes, 3)
        gone = nodes[number % 20]
        after = choose(f"cid{number}", [each for each in nodes if each != gone], 3)
        assert [each for each in before if each != gone] == after[: len(before) - (gone in before)]


def test_a_node_is_chosen_as_often_as_its_weight_says() -> None:
    nodes = [Candidate(f"p{n}", f"o{n}", f"x{n}", weight) for n, weight in enumerate((1, 2, 5))]
    won = Counter(choose(f"cid{number}", nodes, 1)[0].peer_id for number in range(4000))
    assert won["p0"] == pytest.approx(500, rel=0.2)
    assert won["p1"] == pytest.approx(1000, rel=0.15)
    assert won["p2"] == pytest.approx(2500, rel=0.1)


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
    ],
)
def test_a_prefix_is_what_one_owner_has(address: str, prefix: str) -> None:
    assert prefix_of(address) == prefix


def test_what_is_no_address_has_no_prefix() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        prefix_of("node.example")

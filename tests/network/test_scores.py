"""Scores of nodes: who is asked first, how long one waits, what is forgiven and what is not."""

import pytest

from node_bridge.network.failures import (
    Busy,
    Cancelled,
    CutShort,
    Lied,
    NotHeld,
    PeerFailed,
    TooSlow,
)
from node_bridge.network.providers import Provider
from node_bridge.network.scores import PATIENCE, Scores

ROOT = "bafy root"
FAST, SLOW, NEW = (Provider(name, f"https://{name}.example") for name in ("fast", "slow", "new"))
ALL = [SLOW, FAST, NEW]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def scores(clock: Clock) -> Scores:
    """One node that is fast, one that is slow, one that nobody knows."""
    scores = Scores(clock)
    for _ in range(20):
        give(scores, FAST, 0.01)
        give(scores, SLOW, 2.0)
    return scores


def give(scores: Scores, provider: Provider, seconds: float) -> None:
    scores.began(provider)
    scores.gave(provider, seconds=seconds, size=1 << 20)


def fail(scores: Scores, provider: Provider, failure: PeerFailed, seconds: float = 0.01) -> None:
    scores.began(provider)
    scores.failed(provider, ROOT, failure, seconds)


def test_the_fastest_is_asked_first_and_a_stranger_before_the_slow(scores: Scores) -> None:
    assert scores.best(ALL, ROOT) is FAST
    assert scores.best([SLOW, NEW], ROOT) is NEW
    assert scores.best([], ROOT) is None


def test_what_is_under_way_counts(scores: Scores) -> None:
    for _ in range(20):
        scores.began(FAST)
    assert scores.best(ALL, ROOT) is NEW


def test_a_slow_node_is_tried_again_after_a_while(scores: Scores, clock: Clock) -> None:
    give(scores, NEW, 0.3)
    assert scores.best([SLOW, NEW], ROOT) is NEW
    clock.now += 3600
    scores.began(NEW)
    assert scores.best([SLOW, NEW], ROOT) is SLOW


def test_patience_is_learned_from_each_nodes_slowest_blocks(scores: Scores) -> None:
    least, stranger, most = PATIENCE
    assert scores.patience(NEW) == stranger
    assert scores.patience(FAST) == least
    assert scores.patience(SLOW) == most
    for number in range(64):
        give(scores, NEW, 0.1 + (number % 8 == 0) * 0.4)
    assert scores.patience(NEW) == pytest.approx(0.6)


@pytest.mark.parametrize("failure", [CutShort(""), TooSlow(""), Busy("")])
def test_who_failed_rests_twice_as_long_each_time(
    scores: Scores, clock: Clock, failure: PeerFailed
) -> None:
    for rest in (0.5, 1.0, 2.0):
        fail(scores, FAST, failure)
        assert scores.best(ALL, ROOT) is NEW
        clock.now += 0.99 * rest
        assert scores.best([FAST, SLOW], ROOT) is SLOW
        clock.now += 0.02 * rest
        assert scores.best([FAST, SLOW], ROOT) is FAST


def test_a_rest_has_a_bound_and_a_good_block_ends_it(scores: Scores, clock: Clock) -> None:
    for _ in range(30):
        fail(scores, FAST, CutShort(""))
    clock.now += 61
    assert scores.seen()[FAST.url].rests_until < clock.now
    assert scores.best([FAST, SLOW], ROOT) is SLOW  # its failures still weigh
    give(scores, FAST, 0.01)
    assert scores.seen()[FAST.url].rests_until == 0


def test_that_a_block_is_not_held_is_no_failure(scores: Scores) -> None:
    fail(scores, FAST, NotHeld(""))
    assert scores.best(ALL, ROOT) is FAST
    assert scores.seen()[FAST.url].failures == 0


def test_who_was_overtaken_counts_as_slow_as_that(scores: Scores) -> None:
    for _ in range(20):
        fail(scores, FAST, Cancelled(""), seconds=3.0)
    assert scores.best(ALL, ROOT) is NEW
    assert scores.seen()[FAST.url].failures == 0


def test_being_given_up_early_says_nothing(scores: Scores) -> None:
    before = scores.seen()[SLOW.url].seconds
    fail(scores, SLOW, Cancelled(""), seconds=0.1)
    assert scores.seen()[SLOW.url].seconds == before


def test_a_liar_is_banned_for_that_content_and_comes_last_elsewhere(
    scores: Scores, clock: Clock
) -> None:
    fail(scores, FAST, Lied(""))
    assert scores.is_banned(FAST, ROOT)
    assert scores.best([FAST], ROOT) is None
    assert scores.best([FAST], "another root") is FAST
    give(scores, NEW, 0.05)
    assert scores.best([FAST, NEW], "another root") is NEW
    clock.now += 30 * 86_400
    assert scores.best([FAST], ROOT) is None


def test_nothing_is_left_under_way(scores: Scores) -> None:
    for failure in (NotHeld(""), Cancelled(""), Lied(""), CutShort("")):
        fail(scores, SLOW, failure)
    assert [score.under_way for score in scores.seen().values()] == [0, 0]

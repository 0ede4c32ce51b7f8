"""Finders: several as one, and answers that count for a while."""

import time

import pytest

from node_bridge import Cid
from node_bridge.network.providers import Listed, Provider, Remembered, Together

ONE, TWO = Provider("one", "https://one.example"), Provider("two", "https://two.example")


class Counting:
    """Knows who holds some graphs, and counts how often it is asked."""

    def __init__(self, **known: Provider) -> None:
        self.known = known
        self.asked: list[Cid] = []

    def find(self, cid: Cid, root: Cid) -> list[Provider]:
        self.asked.append(cid)
        return [self.known[cid]] if cid in self.known else []


def test_several_finders_name_each_node_once() -> None:
    again = Provider("one as well", ONE.url)
    found = Together([Listed([ONE]), Listed([]), Listed([TWO, again])]).find("cid", "root")
    assert found == (ONE, TWO)


def test_who_has_the_whole_graph_is_looked_for_once() -> None:
    finder = Counting(root=ONE)
    remembered = Remembered(finder)
    assert [remembered.find(f"block{number}", "root") for number in range(5)] == [[ONE]] * 5
    assert finder.asked == ["root"]


def test_a_block_of_its_own_place_is_looked_for_by_itself() -> None:
    finder = Counting(shard=TWO)
    remembered = Remembered(finder)
    assert remembered.find("shard", "root") == [TWO]
    assert remembered.find("shard", "root") == [TWO]
    assert not remembered.find("another", "root")
    assert finder.asked == ["root", "shard", "another"]


def test_an_answer_counts_for_so_many_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    finder = Counting(root=ONE)
    remembered = Remembered(finder, seconds=5)
    remembered.find("block", "root")
    now += 4.9
    remembered.find("block", "root")
    assert finder.asked == ["root"]
    now += 0.2
    remembered.find("block", "root")
    assert finder.asked == ["root", "root"]


def test_memory_for_answers_is_bounded() -> None:
    finder = Counting()
    remembered = Remembered(finder, most=2)
    for root in ("a", "b", "c", "a"):
        remembered.find(root, root)
    assert finder.asked == ["a", "b", "c", "a"]

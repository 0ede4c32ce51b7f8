"""A request that was answered counts no more, whatever happened to the node since."""

import time
from pathlib import Path

import pytest

from gateway.node import spent
from gateway.node.failures import Closed
from gateway.node.spent import Spent
from tests.node.nodes import start_node


def until(seconds: int = 60) -> int:
    return int(time.time()) + seconds


def test_what_one_process_answered_the_next_one_knows(tmp_path: Path) -> None:
    one = Spent(tmp_path / "spent")
    assert one.is_first("a", until())
    assert not one.is_first("a", until())
    two = Spent(tmp_path / "spent")  # the first one was killed: it closed nothing
    assert not two.is_first("a", until())
    assert two.is_first("b", until())
    for each in (one, two):
        each.close()


def test_no_more_than_so_many_are_kept_and_none_longer_than_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spent, "MOST", 3)
    one = Spent(tmp_path / "spent")
    assert one.is_first("old", until(-1))
    assert all(one.is_first(name, until()) for name in "ab")
    assert one.is_first("c", until())  # the old one made room
    with pytest.raises(Closed):
        one.is_first("d", until())
    one.close()
    two = Spent(tmp_path / "spent")
    assert not any(two.is_first(name, until()) for name in "abc")
    two.close()


def test_a_file_that_was_spoiled_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "spent").write_bytes(b"no database" * 500)
    one = Spent(tmp_path / "spent")
    assert one.is_first("a", until())
    assert not one.is_first("a", until())
    one.close()


def test_a_full_disk_keeps_no_node_from_answering(tmp_path: Path) -> None:
    one = Spent(tmp_path / "spent")
    one._db.execute("PRAGMA max_page_count = 1")
    names = [f"request {number:0500}" for number in range(100)]
    assert all(one.is_first(name, until()) for name in names)
    assert not any(one.is_first(name, until()) for name in names)
    one.close()


@pytest.mark.network
def test_a_captured_request_is_refused_by_a_node_started_anew(tmp_path: Path) -> None:
    with start_node(tmp_path / "node") as node:
        header = node.signed("DELETE", "/wt/v1/leases/1", b"")
        assert node.ask("DELETE", "/wt/v1/leases/1", authorization=header).status == 204
        node.kill()
        node.start()
        again = node.ask("DELETE", "/wt/v1/leases/1", authorization=header)
        assert (again.status, again.said["error"]) == (403, "not-allowed")
        assert "Replayed" in again.said["why"]

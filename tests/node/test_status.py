"""The page in the terminal and the reachability test say what is so, in sentences."""

from pathlib import Path

import pytest

from gateway.node import command, notes, reaching, status
from tests.node import graphs
from tests.node.calling import Caller
from tests.node.conftest import Make

FILM = graphs.film(500_000)


def test_the_page_tells_what_is_kept_and_how_the_node_stands(make_node: Make) -> None:
    node = make_node(urls=["https://node.example"], prices={"storage": "0.05"})
    node.hold(FILM, price=5_000_000)
    notes.write(node.parts.book, "state", "active")
    page = status.page(node.parts, is_running=True)
    assert node.peer_id in page
    assert "1 held, 0 being fetched" in page
    assert "500 kB of 64.0 MB promised" in page
    assert "0.05 CLD a GiB and 30 days" in page
    assert "\nStanding  active" in page
    assert "\nRuns      yes" in page


def test_the_page_names_what_troubles_a_lease(make_node: Make) -> None:
    node = make_node(urls=["https://node.example"])
    node.take(FILM, size=FILM.size - 1)
    node.push(FILM.archive)
    with node.parts.book.write() as db:
        db.execute("UPDATE lease SET why = 'Nobody has it.'")
    assert "Trouble   1: Nobody has it." in status.page(node.parts, is_running=False)


def test_a_node_that_nobody_set_up_is_told_what_it_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["status", "--data", str(tmp_path)]) == 1
    assert "--gateway https://" in capsys.readouterr().err
    assert not (tmp_path / "book.sqlite3").exists()


def test_two_nodes_do_not_share_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "HANDOVER", 0.0)
    with command.alone_in(tmp_path):
        assert command.is_running(tmp_path)
        with pytest.raises(command.AlreadyRunning), command.alone_in(tmp_path):
            pass
    assert not command.is_running(tmp_path)


def test_a_check_of_a_node_that_does_not_run_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["check", "--data", str(tmp_path)]) == 1
    assert "Start it first" in capsys.readouterr().out


def test_an_address_nobody_answers_at_is_told(make_node: Make) -> None:
    node: Caller = make_node(urls=["https://127.0.0.1:9"], gateway="http://127.0.0.1:9")
    here, there = reaching.sentences(node.parts)
    assert "cannot be reached" in here
    assert "would not say" in there

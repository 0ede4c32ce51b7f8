"""`manage.py up` starts a whole WeTube, alone on its data, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from script.drills.processes import alive, descendants, environment_of
from script.drills.rig import Rig
from script.shell import PYTHON, ROOT

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    rig = Rig(tmp_path_factory.mktemp("up") / "data")
    rig.folder.mkdir()
    rig.start()
    yield rig
    rig.stop()


def up(folder: Path, *words: str) -> str:
    """What an `up` that does not get going says."""
    done = subprocess.run(
        [PYTHON, "manage.py", "up", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "WETUBE_DATA": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


def test_every_part_is_there(rig: Rig) -> None:
    for name in ("site", "gateway", "worker", "media", "beat", "broker"):
        assert rig.processes(name), name
    rig.until(lambda: rig.processes("chain"), 30, "the chain starts")
    sentence = f"runs at http://127.0.0.1:{rig.ports[0]}"
    rig.until(lambda: sentence in rig.log.read_text(), 30, "it says where it runs")


def test_the_chain_is_where_the_parts_are_told(rig: Rig) -> None:
    told = environment_of(rig.processes("site")[0])["CLOUDCOIN_RPC"]
    rig.until((rig.folder / "chain" / "url").exists, 60, "the chain runs")
    assert (rig.folder / "chain" / "url").read_text() == told
    rig.until(lambda: f"runs at {told}" in rig.log.read_text(), 30, "it says where it runs")


def test_a_chain_of_the_operators_own_is_left_to_them(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    rig = Rig(tmp_path / "data", CLOUDCOIN_RPC="http://127.0.0.1:1")
    rig.start()
    try:
        assert environment_of(rig.processes("site")[0])["CLOUDCOIN_RPC"] == "http://127.0.0.1:1"
        assert not rig.processes("chain")
        assert not (rig.folder / "chain").exists()
    finally:
        rig.stop()


def test_a_second_one_on_the_same_data_is_refused(rig: Rig) -> None:
    assert f"WeTube already runs on {rig.folder}" in up(rig.folder)
    assert rig.client.is_served()


def test_a_port_asked_for_must_be_free(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        words = up(tmp_path, "--port", str(port))
    assert f"Port {port} on 127.0.0.1 is taken" in words
    assert not (tmp_path / "wetube.sqlite3").exists()


def test_listening_everywhere_needs_the_names_people_use(tmp_path: Path) -> None:
    assert "set SITE_URL and GATEWAY_URL" in up(tmp_path, "--host", "0.0.0.0")


def test_a_killed_part_comes_back(rig: Rig) -> None:
    (before,) = rig.processes("gateway")
    rig.kill("gateway")
    rig.until(lambda: rig.processes("gateway") not in ([], [before]), 60, "a new gateway starts")
    rig.until(rig.client.is_served, 60, "it answers")


def test_kill_9_leaves_nothing_and_the_next_start_finds_everything(rig: Rig) -> None:
    rig.join()
    key = rig.client.ask("GET", "/me")["key"]
    below = rig.kill_tree()
    deadline = time.monotonic() + 30
    while alive(below) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(below)
    rig.start()
    assert rig.client.ask("GET", "/me")["key"] == key


def test_stopping_is_quick_and_complete(rig: Rig) -> None:
    below = descendants(rig._pid)
    took = rig.stop()
    left = alive(below)
    rig.start()  # the other tests, which may come in any order, find it running
    assert took < 30
    assert not left
    assert "Everything has stopped" in rig.log.read_text()


def test_ctrl_c_while_it_starts_stops_it_too(tmp_path: Path) -> None:
    with subprocess.Popen(
        [PYTHON, "manage.py", "up"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "WETUBE_DATA": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as starting:
        deadline = time.monotonic() + 60
        while not (tmp_path / "valkey.sock").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        below = descendants(starting.pid)
        starting.send_signal(signal.SIGINT)
        assert starting.wait(40) == 0
        assert not alive(below)

"""The tree of processes starts, heals and stops as one, and leaves nothing behind."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wetube.core.supervision import AlreadyRunning, DataLock, Part, PortTaken, Tree, choose_ports
from wetube.core.supervision.broker import LONGEST_PATH, socket_path
from wetube.core.supervision.ports import is_free

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="needs prctl and /proc")
SPEAKS = "print('ready', flush=True); import time; time.sleep(60)"
STUBBORN = (
    "import os, signal, time; signal.signal(15, signal.SIG_IGN);"
    "print('deaf', os.getpid(), flush=True); time.sleep(60)"
)
BREEDS = (
    "import os, subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
    " start_new_session=True); print('child', child.pid, flush=True); time.sleep(60)"
)


def python(name: str, code: str, **about: float | int | bool | str) -> Part:
    return Part(name, [sys.executable, "-c", code], **about)  # type: ignore[arg-type]  # names checked by Part


def tree(tmp_path: Path, out: io.StringIO) -> Tree:
    return Tree(folder=tmp_path, environment=dict(os.environ), out=out)


def said(out: io.StringIO, text: str, times: int = 1) -> Callable[[], bool]:
    deadline = time.monotonic() + 20

    def yet() -> bool:
        assert time.monotonic() < deadline, f"never said {text!r}: {out.getvalue()}"
        return out.getvalue().count(text) >= times

    return yet


def is_alive(pid: int) -> bool:
    """Zombies do not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)


def number_after(out: str, word: str) -> int:
    return int(out.rpartition(f"{word} ")[2].split(maxsplit=1)[0])


def test_prefixes_what_parts_say_with_their_names(tmp_path: Path) -> None:
    out = io.StringIO()
    grown = tree(tmp_path, out)
    grown.start(python("gateway", SPEAKS))
    grown.start(python("site", "print('half', end='', flush=True); import time; time.sleep(0.2)"))
    assert grown.run(until=said(out, "half"))
    grown.stop()
    assert "gateway │ ready\n" in out.getvalue()
    assert "site    │ half\n" in out.getvalue()


def test_mutes_what_needs_no_saying(tmp_path: Path) -> None:
    out = io.StringIO()
    grown = tree(tmp_path, out)
    grown.start(python("broker", "print('advice'); print('said')", once=True, mute="adv.ce"))
    assert grown.run(until=said(out, "said"))
    grown.stop()
    assert "advice" not in out.getvalue()


def test_starts_a_part_again_after_a_growing_pause(tmp_path: Path) -> None:
    out = io.StringIO()
    grown = tree(tmp_path, out)
    grown.start(python("site", "print('hello', flush=True); raise SystemExit(3)"))
    assert grown.run(until=said(out, "hello", times=3))
    grown.stop()
    pauses = [line for line in out.getvalue().splitlines() if "starting it again" in line]
    assert "site ended (exit code 3); starting it again in 0.5 s" in pauses[0]
    assert "in 1 s" in pauses[1]


def test_a_part_that_runs_once_is_left_alone(tmp_path: Path) -> None:
    out = io.StringIO()
    grown = tree(tmp_path, out)
    grown.start(python("demo", "print('done')", once=True))
    assert grown.run(until=lambda: grown.has_ended("demo"))
    deadline = time.monotonic() + 1
    assert grown.run(until=lambda: time.monotonic() > deadline)
    grown.stop()
    assert out.getvalue().count("done") == 1


def test_stops_in_order_and_kills_what_will_not_listen(tmp_path: Path) -> None:
    out = io.StringIO()
    grown = tree(tmp_path, out)
    grown.start(python("broker", SPEAKS, stop_order=2))
    grown.start(python("worker", STUBBORN, patience=0.5, stop_order=1))
    assert grown.run(until=said(out, "deaf"))
    assert grown.run(until=said(out, "ready"))
    began = time.monotonic()
    grown.stop()
    assert 0.5 <= time.monotonic() - began < 5
    assert gone_within(number_after(out.getvalue(), "deaf"), 1)


@LINUX_ONLY
def test_takes_grandchildren_along_even_from_another_session(tmp_path: Path) -> None:
    out = io.StringIO()
    grown = tree(tmp_path, out)
    grown.start(python("worker", BREEDS))
    assert grown.run(until=said(out, "child"))
    grandchild = number_after(out.getvalue(), "child")
    assert is_alive(grandchild)
    grown.stop()
    assert gone_within(grandchild, 2)


@LINUX_ONLY
def test_a_killed_tree_takes_everything_along(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path;"
        "from wetube.core.supervision import Part, Tree;"
        "tree = Tree(folder=Path('.'), environment=dict(os.environ));"
        f"tree.start(Part('worker', [sys.executable, '-c', {BREEDS!r}]));"
        "tree.run()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as above:
        assert above.stdout
        grandchild = number_after(above.stdout.readline(), "child")
        assert is_alive(grandchild)
        above.send_signal(signal.SIGKILL)
        above.wait(5)
        assert gone_within(grandchild, 10)


def test_a_data_folder_has_one_tree(tmp_path: Path) -> None:
    with DataLock(tmp_path), pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
        DataLock(tmp_path).__enter__()
    with DataLock(tmp_path):
        pass


def test_remains_of_a_killed_tree_are_waited_for(tmp_path: Path) -> None:
    with DataLock(tmp_path) as lock:
        os.pwrite(lock.fd, b"999999999", 0)
        began = time.monotonic()
        with pytest.raises(AlreadyRunning):
            DataLock(tmp_path, patience=0.5).__enter__()
        assert time.monotonic() - began >= 0.5


def test_ports_move_on_unless_asked_for(unused_tcp_port_factory: Callable[[], int]) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert not is_free("127.0.0.1", taken)
        with pytest.raises(PortTaken, match=f"Port {taken} on 127.0.0.1 is taken"):
            choose_ports("127.0.0.1", site=taken, gateway=None)
    free = unused_tcp_port_factory()
    site, gateway = choose_ports("127.0.0.1", site=free, gateway=None)
    assert site == free
    assert gateway != site


def test_the_brokers_socket_fits_whatever_the_folder_is_called(tmp_path: Path) -> None:
    assert socket_path(tmp_path / "data") == tmp_path / "data" / "valkey.sock"
    deep = tmp_path / ("x" * 120)
    assert len(os.fsencode(socket_path(deep))) <= LONGEST_PATH
    assert socket_path(deep) == socket_path(deep) != socket_path(deep / "y")

"""Processes that share a store, are killed in it, or run out of disk, leave it whole."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest

import node_bridge
from node_bridge import EmbeddedEngine

MIB = 1024 * 1024
SEED, SIZE = 12, 24 * MIB + 7
ADD = f"""
import sys
from pathlib import Path
from random import Random
from node_bridge import EmbeddedEngine
engine = EmbeddedEngine(Path(sys.argv[1]))
body = Random({SEED}).randbytes({SIZE})
print("ready", flush=True)
sys.stdin.readline()
print(engine.add([body], pin="film").cid, flush=True)
"""


def start(script: str, root: Path, *, prefix: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", script, str(root)],
        cwd=Path(node_bridge.__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(process: "subprocess.Popen[str]") -> None:
    """Wait until it is ready, then let it add."""
    assert process.stdout
    assert process.stdin
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("\n")
    process.stdin.flush()


def test_two_processes_add_one_file_at_once(tmp_path: Path) -> None:
    processes = [start(ADD, tmp_path) for _ in range(2)]
    for process in processes:
        go(process)
    cids = {process.communicate(timeout=60)[0].strip() for process in processes}

    (cid,) = cids
    engine = EmbeddedEngine(tmp_path)
    stored = [path for path in (tmp_path / "blocks").rglob("*") if path.is_file()]
    assert list(engine.verify()) == []
    assert engine.has(cid, recursive=True)
    assert engine.repo_stat().used == sum(path.stat().st_size for path in stored)
    assert engine.repo_stat().blocks == len(stored) == 26


@pytest.mark.parametrize("moment", ["while it writes", "soon after", "at any time"])
def test_a_killed_add_leaves_nothing_and_can_be_repeated(tmp_path: Path, moment: str) -> None:
    process = start(ADD, tmp_path)
    go(process)
    if moment == "at any time":
        sleep(Random().uniform(0, 0.1))
    else:
        wait_for_blocks(tmp_path / "adding", 3 if moment == "while it writes" else 20)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)

    engine = EmbeddedEngine(tmp_path)

    stored = [path for path in (tmp_path / "blocks").rglob("*") if path.is_file()]
    assert list(engine.verify()) == []
    assert list((tmp_path / "adding").iterdir()) == []
    assert engine.repo_stat().used == sum(path.stat().st_size for path in stored)
    assert engine.repo_stat().blocks == len(stored)
    body = Random(SEED).randbytes(SIZE)
    cid = engine.add([body], pin="film").cid
    assert b"".join(engine.cat(cid)) == body


def wait_for_blocks(folder: Path, count: int) -> None:
    deadline = monotonic() + 30
    while sum(1 for path in folder.glob("*/*") if path.name != "claim") < count:
        assert monotonic() < deadline, "the add never began"


def test_the_intake_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    slow = ADD.replace("add([body]", "add(slowly(body)").replace(
        "engine =", "def slowly(body):\n    yield body\n    sys.stdin.readline()\nengine ="
    )
    process = start(slow, tmp_path)
    go(process)
    wait_for_blocks(tmp_path / "adding", 24)

    other = EmbeddedEngine(tmp_path, grace=0)
    assert other.gc() == 0
    assert other.repo_stat().used >= 24 * MIB
    cid = process.communicate("\n", timeout=60)[0].strip()

    assert process.returncode == 0
    assert other.has(cid, recursive=True)
    assert [pin.name for pin in other.pins(cid=cid)] == ["film"]
    assert other.repo_stat().used > SIZE


FILL = """
import subprocess, sys
from io import BytesIO
from pathlib import Path
from random import Random
from node_bridge import EmbeddedEngine, MemoryEngine, OverQuota
mount = Path(sys.argv[1])
options = "size=24m,nr_inodes=290"
subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", mount], check=True)
print("ready", flush=True)
sys.stdin.readline()
engine = EmbeddedEngine(mount / "node")
kept = engine.add([Random(1).randbytes(5_000_000)], pin="kept").cid
before = engine.repo_stat()

def refused(write, source):
    try:
        write(source, pin="too much")
    except OverQuota as error:
        print(error)
    assert engine.repo_stat() == before, (engine.repo_stat(), before)
    assert [pin.name for pin in engine.pins()] == ["kept"]
    assert list((mount / "node" / "adding").iterdir()) == []
    assert list(engine.verify()) == []
    assert engine.has(kept, recursive=True)

def filling():
    yield Random(2).randbytes(2_000_000)
    (mount / "ballast").write_bytes(bytes(14 << 20))
    yield Random(3).randbytes(4_000_000)

refused(engine.add, [Random(seed).randbytes(1 << 20) for seed in range(4, 44)])
refused(engine.add, filling())
(mount / "ballast").unlink()
many = MemoryEngine()
root = many.add_dir({str(n): many.add([b"%d" % n]).cid for n in range(40)}).cid
refused(engine.import_car, BytesIO(b"".join(many.export_car(root))))
engine.add([Random(3).randbytes(4_000_000)], pin="now it fits")
print("done")
"""


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    """On a small tmpfs: full by this add, by others meanwhile, and of room for names only."""
    alone = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "-rm")
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine allows no mount namespace")
    process = start(FILL, tmp_path, prefix=alone)
    go(process)

    said = process.communicate(timeout=60)[0].splitlines()

    assert process.returncode == 0
    no_room = "There is no room for 1048576 more bytes on this node."
    assert said == [no_room, no_room, "The disk is full: No space left on device.", "done"]

"""`manage.py engine move --to kubo` is killed half-way, and nothing is lost or doubled."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from node_bridge import EmbeddedEngine
from node_bridge.kubo import KuboEngine
from node_bridge.kubo_rpc import Rpc
from script import go_tools, kubos
from tests.kubo.pool import held_by, need

pytestmark = pytest.mark.network

REPOSITORY = Path(__file__).resolve().parents[2]
MIB = 1 << 20
FILL = """
from random import Random
from django.core.management import call_command
call_command("migrate", verbosity=0)
from wetube.content import network
for number in range(12):
    data = Random(number).randbytes({size})
    cid = network.store_bytes([data])
    network.keep(cid, size=len(data), holder=f"video:{{number}}")
    print(cid, flush=True)
"""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A site of its own with an embedded engine, and an empty Kubo."""
    need(go_tools.KUBO)
    with kubos.kubo(tmp_path / "kubo") as daemon:
        own = {"WETUBE_DATA": str(tmp_path / "data"), "KUBO_RPC": daemon.rpc, "DATABASE_URL": ""}
        own |= {"STORE_FSYNC": "0", "NODE_ENGINE": "embedded"}
        yield {**{name: word for name, word in os.environ.items() if name != "DATABASE_URL"}, **own}


def manage(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, check=True, capture_output=True, text=True
    ).stdout


def killed_after(environment: dict[str, str], lines: int) -> None:
    """Start the move and kill -9 it when it has said so much, in the middle of the next one."""
    command = [sys.executable, "manage.py", "engine", "move", "--to", "kubo"]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as said:
        for _ in range(lines):
            assert said.readline()
        time.sleep(0.01)
        process.kill()
        process.wait()


def test_a_killed_move_goes_on_and_ends_whole(environment: dict[str, str], tmp_path: Path) -> None:
    fill = FILL.format(size=3 * MIB)
    cids = manage(environment, "shell", "--no-imports", "-c", fill).split()
    assert len(cids) == 12
    ours = EmbeddedEngine(tmp_path / "data" / "blocks")
    with closing(Rpc(environment["KUBO_RPC"])) as rpc:
        theirs = KuboEngine(rpc)
        killed_after(environment, 5)
        assert 5 <= len(list(theirs.pins(name="site"))) < 12

        said = manage(environment, "engine", "move", "--to", "kubo")

        assert "All of it is in kubo, verified: 12 contents" in said
        assert "Now set NODE_ENGINE=kubo" in said
        moved_again = [cid for cid in cids if cid in said]
        assert 0 < len(moved_again) <= 12 - 5
        assert {pin.cid for pin in theirs.pins(name="site")} == set(cids)
        for cid in cids:
            assert b"".join(theirs.cat(cid)) == b"".join(ours.cat(cid))
        assert held_by(theirs)[1] == ours.repo_stat().blocks

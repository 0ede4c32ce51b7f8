"""What was acknowledged is on disk: through kill -9, a full disk, and beside a second process."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from eth_account.signers.local import LocalAccount

from script.drills.chain_load import Load, Running
from tests.chains import servers
from tests.chains.servers import ROOT, RpcFault, TestChain

pytestmark = pytest.mark.chain
KILLS = 20
FORKED = Path(__file__).with_name("forked_chain.py")


class Forks:
    """Starts chains by the script that forks them."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(FORKED), str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pids: list[int] = []
        self.slowest = 0.0

    def start(self) -> Running:
        assert self.process.stdin
        assert self.process.stdout
        began = time.monotonic()
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        pid, port = map(int, self.process.stdout.readline().split())
        self.pids.append(pid)
        self.slowest = max(self.slowest, time.monotonic() - began)
        return Running(pid, port)

    def wait(self, running: Running) -> None:
        """The forking parent reaps nothing; what is dead says no command line."""
        while Path(f"/proc/{running.pid}/cmdline").read_bytes():
            time.sleep(0.005)


@pytest.fixture
def forks(tmp_path: Path) -> Iterator[Forks]:
    made = Forks(tmp_path)
    with made.process:
        yield made
        for pid in made.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        made.process.kill()


def test_twenty_kills_under_load_lose_nothing_acknowledged(forks: Forks, tmp_path: Path) -> None:
    load = Load(forks.start, forks.wait, tmp_path)
    load.prepare()
    forks.slowest = 0.0
    answered = [load.round(3 + number) for number in range(KILLS)]
    assert load.faults() == []
    assert min(answered) >= 3, answered
    assert forks.slowest < 2, "the next start goes on at once"


def test_a_second_process_is_told_who_holds_the_chain(tmp_path: Path) -> None:
    with servers.embedded(tmp_path) as chain:
        done = subprocess.run(
            [sys.executable, "manage.py", "cloudchain", "--data", str(tmp_path), "--port", "0"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        assert f"already run by process {chain.pid}" in done.stderr
        assert chain.number() == 0


def send_until_refused(chain: TestChain, sender: LocalAccount) -> None:
    for _ in range(100):
        chain.send(sender, to=chain.rich.address, value=1, gas=21_000)


def test_a_full_disk_is_an_error_and_loses_nothing(tmp_path: Path) -> None:
    """The file may not grow further; what is there stays, and once there is room it goes on."""
    with servers.embedded(tmp_path) as chain:
        sender = chain.somebody()
        size = max(path.stat().st_size for path in (tmp_path / "chain").iterdir() if path.is_file())
        limits = resource.prlimit(chain.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(chain.pid, resource.RLIMIT_FSIZE, (size + 20_000, limits[1]))
        with pytest.raises(RpcFault, match="disk refuses") as refusal:
            send_until_refused(chain, sender)
        number = chain.number()
        sent = number - 1
        assert refusal.value.code == -32603
        assert chain.nonce(sender) == sent
        resource.prlimit(chain.pid, resource.RLIMIT_FSIZE, limits)
        assert chain.send(sender, to=chain.rich.address, value=1, gas=21_000)["status"] == "0x1"
        assert chain.number() == number + 1
        os.kill(chain.pid, signal.SIGKILL)
    with servers.embedded(tmp_path) as chain:
        assert chain.number() == number + 1
        assert chain.nonce(sender) == sent + 1

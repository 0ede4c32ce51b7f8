"""`manage.py cloudchain` says where it runs, stops when told, copies itself, says what is wrong."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chains import servers
from tests.chains.servers import ROOT, RpcFault
from wetube.cloudchain import artifacts, canonical

pytestmark = pytest.mark.chain


def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "cloudchain", "--data", str(folder), *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "WETUBE_DATA": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_and_leaves_all_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with servers.embedded(tmp_path) as chain:
        note = tmp_path / "chain" / canonical.URL_FILE
        assert note.read_text() == chain.url
        sender = chain.somebody()
        port = int(chain.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)):  # one who says nothing holds nobody up
            began = time.monotonic()
            os.kill(chain.pid, number)
            while Path(f"/proc/{chain.pid}/cmdline").read_bytes():
                assert time.monotonic() - began < 30
                time.sleep(0.05)
        assert not note.exists()
        assert not (tmp_path / "chain" / "chain.sqlite3-wal").exists()
        assert "Traceback" not in (tmp_path / "chain.log").read_text()
    with servers.embedded(tmp_path) as chain:
        assert chain.balance(sender.address) == servers.COIN


def test_a_copy_made_while_it_runs_is_a_whole_chain(tmp_path: Path) -> None:
    with servers.embedded(tmp_path) as chain:
        sender = chain.somebody()
        copied = tmp_path / "copy" / "chain" / "chain.sqlite3"
        copied.parent.mkdir(parents=True)
        assert run(tmp_path, "--backup", str(copied)).returncode == 0
        chain.send(sender, to=chain.rich.address, value=1, gas=21_000)
        again = run(tmp_path, "--backup", str(copied))
        assert again.returncode == 1
        assert "is there already" in again.stderr
        copied.with_name(canonical.FAUCET_FILE).write_bytes(
            (tmp_path / "chain" / canonical.FAUCET_FILE).read_bytes()
        )
    with servers.embedded(tmp_path / "copy") as copy:
        assert copy.number() == 1
        assert copy.balance(sender.address) == servers.COIN


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = run(tmp_path, "--port", str(other.getsockname()[1]))
    assert done.returncode == 1
    assert "cannot be taken (Address already in use)" in done.stderr


def test_a_chain_of_another_id_is_not_opened(tmp_path: Path) -> None:
    with servers.embedded(tmp_path, "--chain-id", "77") as chain:
        assert chain.chain_id == 77
    done = run(tmp_path, "--chain-id", "78", "--port", "0")
    assert done.returncode == 1
    assert "holds the chain 77, not 78" in done.stderr
    with servers.embedded(tmp_path) as chain:
        assert chain.chain_id == 77


def test_a_new_chain_needs_its_contracts(tmp_path: Path) -> None:
    with pytest.raises(artifacts.ArtifactMissing, match="script/contracts"):
        artifacts.load("Cloudcoin", tmp_path)
    assert artifacts.load("Cloudcoin").name == "Cloudcoin"


def test_time_cannot_be_bent_without_the_flag(tmp_path: Path) -> None:
    command = [*servers.EMBEDDED, "--data", str(tmp_path)]
    with servers.running(command, tmp_path) as (_, port):
        chain = servers.TestChain(f"http://127.0.0.1:{port}", 0, servers.nobody(), "embedded", 0)
        for method in ("evm_increaseTime", "evm_mine", "evm_snapshot", "evm_revert"):
            with pytest.raises(RpcFault, match="does not exist"):
                chain.rpc(method, "0x1")
        assert chain.number() == 0

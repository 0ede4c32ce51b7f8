"""`manage.py cloudcoin` as an operator types it, killed in the middle of its work."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.chains.servers import TestChain
from wetube.chain import keys
from wetube.chain.models import Deployment

KILLS = 3


@pytest.fixture
def words(embedded: TestChain, tmp_path: Path, repository: Path) -> dict[str, str]:
    """The environment of an operator whose data folder has the embedded chain's faucet."""
    (tmp_path / "chain").mkdir()
    faucet = {
        "address": embedded.rich.address,
        "private_key": "0x" + bytes(embedded.rich.key).hex(),
    }
    (tmp_path / "chain" / "faucet.json").write_text(json.dumps(faucet))
    usual = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**usual, "WETUBE_DATA": str(tmp_path), "CLOUDCOIN_RPC": embedded.url}


def start(arguments: Sequence[str], words: dict[str, str], root: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=root,
        env=words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(arguments: Sequence[str], words: dict[str, str], root: Path) -> str:
    process = start(arguments, words, root)
    said, _ = process.communicate(timeout=100)
    assert process.returncode == 0, said
    return said


@pytest.mark.chain
@pytest.mark.timeout(300)
def test_init_killed_and_run_again_leaves_one_coin(
    words: dict[str, str], repository: Path, tmp_path: Path
) -> None:
    run(["migrate", "-v0"], words, repository)
    for kill in range(KILLS):
        process = start(["cloudcoin", "init"], words, repository)
        _await_traces(tmp_path, kill, process)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)

    assert "Ready" in run(["cloudcoin", "init"], words, repository)
    told = run(["cloudcoin", "status"], words, repository)
    assert "5 final" in told
    assert "vault holds       21600000000000 drops" in told
    assert "breaker           closed" in told
    # Nothing secret lies in the database.
    database = (tmp_path / "wetube.sqlite3").read_bytes()
    assert json.loads((tmp_path / "keys" / "relayer.json").read_text())["address"].encode() in (
        database
    )
    assert (tmp_path / "keys" / "password").read_bytes().strip() not in database


def _await_traces(folder: Path, count: int, process: "subprocess.Popen[str]") -> None:
    """Until so many transactions were signed, or it was done before we could kill it."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with closing(sqlite3.connect(folder / "wetube.sqlite3", timeout=20)) as database:
            (signed,) = database.execute("select count(*) from chain_signedtx").fetchone()
        if signed > count:
            return
        time.sleep(0.01)


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("cloudcoin", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def own_keys(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    monkeypatch.setattr(keys, "SCRYPT_N", 2**8)


def test_keys_are_listed_made_and_exported_encrypted(own_keys: None) -> None:
    assert "relayer     -" in told("keys")
    assert not keys.exists("relayer")
    made = told("keys", "create")
    for role in keys.ROLES:
        assert f"{role:<12}{keys.address(role)}" in made
    exported = told("keys", "export", "poster")
    assert json.loads(exported)["crypto"]["kdf"] == "scrypt"
    assert bytes(keys.account("poster").key).hex() not in exported


def test_what_cannot_be_exported_is_said(own_keys: None) -> None:
    with pytest.raises(CommandError, match="no key for poster"):
        told("keys", "export", "poster")
    with pytest.raises(CommandError, match="Name the role"):
        told("keys", "export")


def test_without_a_chain_status_says_so_and_init_refuses(db: None, own_keys: None) -> None:
    assert "none: CLOUDCOIN_RPC is empty" in told("status")
    with pytest.raises(CommandError, match="CLOUDCOIN_RPC names no chain"):
        told("init")


def test_status_of_a_chain_that_is_away_keeps_the_nodes_key_to_itself(
    db: None, own_keys: None, settings: Settings
) -> None:
    settings.CLOUDCOIN_RPC = "http://127.0.0.1:9/v3/secret"
    assert "run manage.py cloudcoin init" in told("status")
    Deployment.objects.create(
        chain_id=5, genesis_hash="0x" + "00" * 32, first_block=0, confirmations=1
    )
    said = told("status")
    assert "does not answer" in said
    assert "http://127.0.0.1:9" in said
    assert "secret" not in said

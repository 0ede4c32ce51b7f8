"""kill -9: what was answered is on disk, what was not is whole or absent, nothing is doubled."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from tests.cloudcoin import make
from wetube.cloudcoin import invariants, ledger, rollup
from wetube.cloudcoin.models import Charge
from wetube.people.models import User

pytestmark = pytest.mark.usefixtures("shared_books")

SCRIPT = Path(__file__).with_name("charging_process.py")


def database_url() -> str:
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    host, port = quote(place["HOST"] or "", safe=""), place["PORT"] or ""
    return f"postgres://{place['USER']}:{place['PASSWORD']}@{host}:{port}/{place['NAME']}"


def start(payer: User, payee: User, folder: Path, root: Path) -> "subprocess.Popen[bytes]":
    place = {"DATABASE_URL": database_url(), "WETUBE_DATA": str(folder), "PYTHONPATH": str(root)}
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(payer.pk), str(payee.pk), "4"],
        env={**os.environ, **place},
        cwd=root,
        stdout=subprocess.PIPE,
    )


def kill(process: "subprocess.Popen[bytes]", *, after: int) -> set[str]:
    """Let it answer so many charges, kill it, and hear everything it had said."""
    assert process.stdout
    heard = [process.stdout.readline() for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    heard += process.stdout.readlines()
    process.wait(10)
    process.stdout.close()
    return {line.decode().strip() for line in heard if line.endswith(b"\n")}


def test_a_killed_process_keeps_its_word(
    alice: User, bob: User, tmp_path: Path, repository: Path
) -> None:
    ledger.account_of(alice), ledger.account_of(bob)
    processes = [start(bob, alice, tmp_path, repository) for _ in range(2)]
    answered = set.union(*(kill(process, after=40) for process in processes))

    deadline = time.monotonic() + 10
    while connection.vendor == "postgresql" and _others_at_work() and time.monotonic() < deadline:
        time.sleep(0.1)
    kept = set(Charge.objects.values_list("reference", flat=True))

    assert len(answered) >= 80
    assert answered <= kept
    assert ledger.account_of(bob).held == 10 * len(kept)
    assert invariants.check() == []

    reference = answered.pop()
    assert make.charge(bob, alice, 10, reference=reference).reference == reference
    assert ledger.account_of(bob).held == 10 * len(kept)
    assert rollup.roll_up() == len(kept)
    assert invariants.check() == []


def _others_at_work() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone()[0])

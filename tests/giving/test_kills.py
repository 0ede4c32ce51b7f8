"""kill -9 in the middle of spreading: each pot is spread whole and once, or not yet."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import make
from tests.cloudcoin import make as coin
from tests.cloudcoin.test_kills import database_url
from wetube.cloudcoin import invariants, ledger
from wetube.cloudcoin.models import Charge
from wetube.giving import pots, spreading
from wetube.giving.models import Attention, PotMonth
from wetube.people.models import User

pytestmark = [pytest.mark.services, pytest.mark.usefixtures("shared_books")]

SCRIPT = Path(__file__).with_name("spreading_process.py")
POTS, CHANNELS = 15, 6


def start(folder: Path, root: Path) -> "subprocess.Popen[bytes]":
    place = {"DATABASE_URL": database_url(), "WETUBE_DATA": str(folder), "PYTHONPATH": str(root)}
    return subprocess.Popen(
        [sys.executable, str(SCRIPT)],
        env={**os.environ, **place},
        cwd=root,
        stdout=subprocess.PIPE,
    )


def test_killed_workers_give_every_pot_once(tmp_path: Path, repository: Path) -> None:
    creators = [make.channel(User.objects.create()) for _ in range(CHANNELS)]
    for _ in range(POTS):
        pot = pots.fill(User.objects.create(), amount=coin.COIN + 1)
        ledger.account_of(pot.owner)
        month = PotMonth.objects.create(pot=pot, month="2026-10-01", amount=coin.COIN + 1)
        Attention.objects.bulk_create(
            Attention(month=month, channel=channel, seconds=number * 7 + 1)
            for number, channel in enumerate(creators)
        )

    said: set[bytes] = set()
    for heard in (1, 2, 3):
        process = start(tmp_path, repository)
        assert process.stdout
        said |= {process.stdout.readline() for _ in range(heard)}
        process.send_signal(signal.SIGKILL)
        said |= {line for line in process.stdout.readlines() if line.endswith(b"\n")}
        process.wait(10)
        process.stdout.close()
        assert invariants.check() == []
    spread = PotMonth.objects.filter(state=PotMonth.State.SPREAD)
    assert {int(line) for line in said} <= set(spread.values_list("pk", flat=True))

    spreading.spread_due()

    assert spread.count() == POTS
    assert {row.spent for row in spread} == {coin.COIN + 1}
    assert Charge.objects.count() == POTS * CHANNELS
    assert invariants.check() == []

"""kill -9 while paying: a token is spent exactly when its charge is there; asking again tells."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.cloudcoin.conftest import shared_books
from tests.cloudcoin.test_kills import database_url
from tests.tokens import holder, make
from wetube.cloudcoin import invariants, rollup
from wetube.cloudcoin.models import Charge
from wetube.people.models import User
from wetube.tokens import liability, spending
from wetube.tokens.models import SpentToken

__all__ = ["shared_books"]

pytestmark = [pytest.mark.chain, pytest.mark.usefixtures("shared_books")]

SCRIPT = Path(__file__).with_name("spending_process.py")
TOKENS = 120


def killed(payee: User, texts: list[str], root: Path, *, after: int) -> list[int]:
    """Let it pay so many times, kill it, and hear everything it had said."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(payee.pk)],
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "KEYS_DIR": str(settings.KEYS_DIR),
            "PYTHONPATH": str(root),
        },
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n".join(texts).encode())
    process.stdin.close()
    heard = [process.stdout.readline() for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    heard += process.stdout.readlines()
    process.wait(10)
    process.stdout.close()
    return [int(line) for line in heard if line.endswith(b"\n")]


@pytest.mark.parametrize("after", [3, 11, 30])
def test_a_killed_process_spends_whole_or_not_at_all(after: int, repository: Path) -> None:
    alice, bob = (User.objects.create(name=name) for name in ("alice", "bob"))
    tokens = holder.swapped(holder.bought(bob, 5 * TOKENS), [5] * TOKENS)
    texts = [holder.as_text([token]) for token in tokens]
    swapped = SpentToken.objects.count()

    answered = killed(alice, texts, repository, after=after)

    charged = Charge.objects.count()
    assert answered == list(range(len(answered)))
    assert len(answered) <= charged <= len(answered) + 1
    assert SpentToken.objects.count() - swapped == charged < TOKENS
    assert liability.look().is_covered

    again = [
        spending.pay(text, make.bill(alice, 5, f"video:{number}"), retry=f"word {number}")
        for number, text in enumerate(texts)
    ]
    assert len({paid.charge.pk for paid in again}) == Charge.objects.count() == TOKENS
    rollup.roll_up()
    assert (liability.outstanding(), liability.look().is_covered) == (0, True)
    assert invariants.check() == []

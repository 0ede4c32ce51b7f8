"""The libraries of the chain leave Python's guard against deep recursion where it was."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.chain

PROGRAM = """
import json, sys
usual = sys.getrecursionlimit()
from wetube import asgi
from django.urls import get_resolver
get_resolver().url_patterns
import web3, x402, eth_account
assert sys.getrecursionlimit() == usual, sys.getrecursionlimit()
try:
    json.loads("[" * 1_000_000)
except RecursionError:
    print("refused")
"""


def test_deep_json_is_refused_by_the_site_and_ends_nothing(repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "refused"

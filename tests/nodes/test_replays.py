"""A node's request counts once over all processes of the gateway: the database remembers."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cloudcoin.conftest import shared_books
from tests.cloudcoin.test_kills import database_url
from tests.nodes.make_statements import NODE
from tests.people.make_people import make_user
from wetube.nodes import registering
from wetube.nodes.api import door
from wetube.nodes.models import Node

__all__ = ["shared_books"]

pytestmark = pytest.mark.usefixtures("shared_books")
ASKED = """
import django, sys
django.setup()
from wetube.nodes.api import door
peer, name, until = sys.argv[1:]
print(door._is_first(peer, name, int(until)))
"""


def other_process_says(repository: Path, folder: Path, name: str, until: int) -> str:
    place = {"DATABASE_URL": database_url(), "WETUBE_DATA": str(folder)}
    place["DJANGO_SETTINGS_MODULE"] = "wetube.settings"
    words = [sys.executable, "-c", ASKED, NODE.peer_id, name, str(until)]
    done = subprocess.run(
        words,
        cwd=repository,
        env={**os.environ, **place},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_what_one_process_answered_another_refuses(tmp_path: Path, repository: Path) -> None:
    operator = registering.operator_of(make_user("olga"))
    Node.objects.create(peer_id=NODE.peer_id, operator=operator)
    until = int(time.time()) + 60
    assert door._is_first(NODE.peer_id, "a", until)
    assert other_process_says(repository, tmp_path, "a", until) == "False"
    assert other_process_says(repository, tmp_path, "b", until) == "True"
    assert not door._is_first(NODE.peer_id, "b", until)

"""Whoever signs up, uploads, watches and pays leaves no address and no agent behind."""

import re
import socket
import sqlite3
import time
from base64 import b64decode, b64encode, urlsafe_b64decode
from binascii import Error
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from script.drills.rig import Rig
from tests.services.listening import listen
from tests.services.person import Person, found

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]

ADDRESS = "127.0.0.77"
MARK = "Canary7f3a9c"
AGENT = f"Mozilla/5.0 (X11; Linux x86_64; {MARK}) Gecko/20100101 Firefox/140.0"
PACKED = socket.inet_aton(ADDRESS)
TRACES = (ADDRESS.encode(), MARK.encode(), str(int.from_bytes(PACKED)).encode())
SESSIONS = """
from django.contrib.sessions.models import Session
for session in Session.objects.all(): print(session.get_decoded())
"""


def test_nothing_is_left_of_where_people_came_from(rig: Rig, film: Path) -> None:
    alice = Person(rig, address=ADDRESS, agent=AGENT)
    bob = Person(rig, address=ADDRESS, agent=AGENT)
    with alice.http.stream("GET", "/about/") as answer:
        connection = answer.extensions["network_stream"]
        assert connection.get_extra_info("client_addr")[0] == ADDRESS
    phrase = alice.sign_up("alice-in-private")
    alice.log_out()
    refused = alice.send("/log-in/phrase/", phrase="not these words at all")
    assert refused.status_code == 422
    alice.log_in(phrase)
    key = publish(alice, film)
    bob.sign_up("bob-in-private")
    bob.pay(key)
    watch(bob, key)
    rig.until(lambda: told(rig, key) == 1, 30, "the view is counted")
    rig.until(lambda: settled(rig), 60, "the charge is settled")

    kept = rows(rig)
    assert b"alice-in-private" in kept  # or the tests below could not fail
    assert b"Firefox on Linux" in kept
    assert not [trace for trace in (*TRACES, PACKED.hex().upper().encode()) if trace in kept]
    assert not [trace for trace in TRACES if trace in rig.shell(SESSIONS).encode()]
    logged = rig.log.read_bytes()
    assert b"runs at" in logged
    assert not [trace for trace in TRACES if trace in logged]
    assert not list(marked_files(rig.folder))


@pytest.mark.parametrize(
    "hidden",
    [
        f"a line of a log with {ADDRESS} in it".encode(),
        b64encode(f"a message of a queue to {AGENT}".encode()),
        b"\0\0" + PACKED,
    ],
)
def test_the_search_finds_what_is_hidden(tmp_path: Path, hidden: bytes) -> None:
    (tmp_path / "other").write_bytes(bytes(100_000))
    (tmp_path / "file").write_bytes(b"before " + hidden + b" after")

    assert [found for found in marked_files(tmp_path) if str(tmp_path / "file") in found]


def publish(alice: Person, film: Path) -> str:
    """With a tab that listens meanwhile, and a price."""
    key, place = alice.begin(film)
    with listen(alice, f"video.{key}") as tab:
        assert tab.status.startswith("HTTP/1.1 101")
        assert alice.patch(place, 0, film.read_bytes()).status_code == 204
        alice.wait_for(key)
    alice.change(key, price="0.25")
    return key


def watch(bob: Person, key: str) -> None:
    """All of it, and then the page says that it was watched."""
    page = bob.read(f"/watch/{key}/")
    assert bob.http.get(f"{bob.prefix(key)}/progressive.mp4").status_code == 200
    time.sleep(3)  # nine tenths of the film
    token = found(r'token="([^"]+)"', page)
    counted = bob.http.post(found(r'view-url="([^"]+)"', page), data={"token": token})
    assert counted.status_code == 204, counted.text


def told(rig: Rig, key: str) -> int:
    return int(rig.rows("SELECT views FROM video_video WHERE key = ?", key)[0][0])


def settled(rig: Rig) -> bool:
    count = "SELECT count(*) FROM cloudcoin_journal WHERE kind = 'rollup'"
    return bool(rig.rows(count)[0][0])


def rows(rig: Rig) -> bytes:
    """Every row of every table as SQL; what is binary stands there in hexadecimal."""
    with closing(sqlite3.connect(f"file:{rig.folder / 'wetube.sqlite3'}?mode=ro", uri=True)) as it:
        return "\n".join(it.iterdump()).encode()


def marked_files(folder: Path) -> Iterator[str]:
    """Files with a trace in them, plain or in base64 as queues keep their messages."""
    searched = 0
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        searched += len(data)
        if any(trace in data or trace in decoded(data) for trace in TRACES):
            yield str(path)
        # Four bytes turn up by chance in films; elsewhere they would be an address.
        if "blocks" not in path.parts and PACKED in data:
            yield f"{path} (packed)"
    assert searched > 100_000


def decoded(data: bytes) -> bytes:
    """Everything in there that looks like base64, without it."""
    found = []
    for run in re.findall(rb"[\w+/-]{24,}={0,2}", data):
        padded = run + b"=" * (-len(run) % 4)
        for decode in (b64decode, urlsafe_b64decode):
            try:
                found.append(decode(padded))
            except Error:
                continue
    return b"\n".join(found)

"""`manage.py up` is killed, or stopped, and started again: films are as they were."""

import time
from pathlib import Path

import pytest

from script.drills.processes import alive, descendants
from script.drills.rig import Rig, running
from tests.services.person import Person

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]


def test_a_film_plays_on_after_kill_9_and_after_a_stop(film: Path) -> None:
    with running() as rig:
        alice = Person(rig)
        alice.sign_up("alice")
        key = alice.upload(film)
        cid = alice.wait_for(key)
        before = played(rig, cid)

        below = rig.kill_tree()
        deadline = time.monotonic() + 30
        while alive(below) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not alive(below)
        assert not rig.client.is_served()
        rig.start()
        assert played(rig, cid) == before

        below = descendants(rig._pid)
        rig.stop()
        assert not alive(below)
        assert not list(rig.folder.rglob("*.sock"))
        assert not rig.client.is_served()
        rig.start()
        assert played(rig, cid) == before
        assert f"/watch/{key}/" in alice.read("/library/")  # and alice is still signed in


def played(rig: Rig, cid: str) -> list[bytes]:
    names = ("master.m3u8", "progressive.mp4", "poster.jpg")
    answers = [rig.client.request(rig.ports[1], "GET", f"/ipfs/{cid}/{name}") for name in names]
    assert [answer[0] for answer in answers] == [200, 200, 200]
    return [answer[1] for answer in answers]

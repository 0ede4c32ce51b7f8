"""Who gets which bytes, and who may bring some: the real gateway asking the real site."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from script.drills.rig import Rig
from tests.services.conftest import QUOTA
from tests.services.person import BYTES, Person
from tests.video.clips import make_clip

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]
SPANS = ((0, 0), (0, 999), (1000, 70_000), (65_535, 65_536))


@pytest.fixture(scope="module")
def alice(rig: Rig) -> Person:
    person = Person(rig)
    person.sign_up("alice-at-the-gate")
    return person


@pytest.fixture(scope="module")
def private(alice: Person, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A private film's key and CID; nobody else has these bytes, who could hold them openly."""
    key = alice.upload(make_clip(tmp_path_factory.mktemp("own") / "own.mp4", seconds=2))
    cid = alice.wait_for(key)
    alice.change(key, visibility="private")
    time.sleep(1.1)  # the gateway may serve an open film so much longer
    return key, cid


def test_a_private_film_has_no_open_address(
    rig: Rig, alice: Person, private: tuple[str, str]
) -> None:
    key, cid = private
    for name in ("", "/master.m3u8", "/progressive.mp4", "/poster.jpg"):
        assert rig.client.request(rig.ports[1], "GET", f"/ipfs/{cid}{name}")[0] == 404
    stranger = Person(rig)
    for path in (f"/watch/{key}/", f"/watch/{key}/grant/"):
        assert stranger.http.get(path).status_code == 404
    assert alice.http.get(f"{alice.prefix(key)}/master.m3u8").status_code == 200


def test_a_grant_ends_and_is_for_one_film_only(alice: Person, private: tuple[str, str]) -> None:
    key, cid = private
    prefix = alice.prefix(key)
    other = prefix.replace(cid, cid[:-1] + ("a" if cid[-1] != "a" else "b"))
    assert alice.http.get(f"{other}/master.m3u8").status_code in {400, 403, 404}
    assert alice.http.get(f"{prefix}/master.m3u8").status_code == 200
    time.sleep(3)
    ended = alice.http.get(f"{prefix}/master.m3u8")
    assert ended.status_code == 403
    assert "expired" in ended.text
    assert alice.http.get(f"{alice.prefix(key)}/master.m3u8").status_code == 200


def test_parts_of_a_film_are_the_bytes_of_the_whole(
    alice: Person, private: tuple[str, str]
) -> None:
    address = f"{alice.prefix(private[0])}/progressive.mp4"
    whole = alice.http.get(address).content
    for first, last in (*SPANS, (len(whole) - 500, len(whole) - 1)):
        part = alice.http.get(address, headers={"Range": f"bytes={first}-{last}"})
        assert part.status_code == 206
        assert part.content == whole[first : last + 1]
        assert part.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"
    tail = alice.http.get(address, headers={"Range": "bytes=-300"})
    assert tail.content == whole[-300:]


def test_more_than_the_quota_is_refused_before_a_byte(rig: Rig, alice: Person) -> None:
    films = rig.rows("SELECT count(*) FROM video_video")
    alice.read("/upload/")
    refused = alice.send("/upload/start/", name="long.mp4", size=QUOTA + 1)
    assert refused.status_code == 413
    assert "quota" in refused.json()["error"]
    assert rig.rows("SELECT count(*) FROM video_video") == films


def test_more_than_was_announced_is_refused_before_a_byte(
    rig: Rig, alice: Person, film: Path
) -> None:
    key, place = alice.begin(film)
    too_long = film.read_bytes() + b"more"
    assert alice.patch(place, 0, too_long).status_code == 413
    assert (rig.folder / "uploads" / key / "source").stat().st_size == 0


def test_of_two_senders_at_once_the_newer_goes_on_and_no_byte_is_wrong(
    rig: Rig, alice: Person, film: Path
) -> None:
    """A browser that lost its connection comes back before the gateway noticed."""
    data = film.read_bytes()
    key, place = alice.begin(film)
    source = rig.folder / "uploads" / key / "source"
    slow = Slow(alice, place, data)
    while source.stat().st_size < slow.begun:
        time.sleep(0.02)
    offset = int(alice.http.head(place, headers=BYTES).headers["upload-offset"])
    assert alice.patch(place, offset, data[offset:-1]).status_code == 204
    assert source.read_bytes() == data[:-1]
    slow.end()
    assert slow.outcome != 204
    assert source.read_bytes() == data[:-1]
    assert alice.patch(place, len(data) - 1, data[-1:]).status_code == 204
    alice.wait_for(key)


def test_an_upload_cancelled_under_way_leaves_nothing(rig: Rig, alice: Person, film: Path) -> None:
    key, place = alice.begin(film)
    folder = rig.folder / "uploads" / key
    slow = Slow(alice, place, film.read_bytes())
    while (folder / "source").stat().st_size < slow.begun:
        time.sleep(0.02)
    assert alice.send(f"/upload/{key}/cancel/").status_code == 204
    slow.end()
    assert slow.outcome != 204
    assert alice.http.head(place, headers=BYTES).status_code in {404, 410}
    assert not folder.exists()
    assert alice.http.get(f"/watch/{key}/").status_code == 404
    assert rig.rows("SELECT count(*) FROM video_video WHERE key = ?", key) == [(0,)]


class Slow:
    """Sends half of the bytes, and the rest only when told to end."""

    def __init__(self, person: Person, place: str, data: bytes) -> None:
        self.outcome = 0
        self.begun = len(data) // 2
        self._go_on = threading.Event()
        self._data = data
        headers = {**BYTES, "Upload-Offset": "0", "Content-Length": str(len(data))}
        send = person.http.build_request("PATCH", place, content=self._pieces(), headers=headers)
        self._thread = threading.Thread(target=self._run, args=(person, send))
        self._thread.start()

    def end(self) -> None:
        self._go_on.set()
        self._thread.join()

    def _run(self, person: Person, send: httpx.Request) -> None:
        try:
            self.outcome = person.http.send(send).status_code
        except httpx.TransportError:
            self.outcome = -1

    def _pieces(self) -> Iterator[bytes]:
        yield self._data[: self.begun]
        self._go_on.wait(30)
        yield self._data[self.begun :]

"""A node is ended, killed, changed and begun anew in the middle of things, and loses nothing."""

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.node import certificates
from gateway.node.certificates import Certificate
from gateway.node.renewing import Renewing
from node_bridge.network.connections import Call, Connections
from tests.node import graphs
from tests.node.nodes import GUARD, Answer, Running, start_node

FILM = graphs.film(6 << 20, seed=31)
HALF = len(FILM.archive) // 2


class SlowPush:
    """Half of a push is sent, then nothing until `go_on`."""

    def __init__(self, node: Running) -> None:
        self._node = node
        self._rest = threading.Event()
        self.is_halfway = threading.Event()
        lease = node.lease(FILM.cid, FILM.size, serial="1")
        node.order("POST", "/wt/v1/leases", {"lease": lease, "sources": []})

    def __call__(self) -> Answer:
        path = "/wt/v1/leases/1/blocks"
        headers = {
            "Authorization": self._node.signed("PUT", path, None),
            "Content-Length": str(len(FILM.archive)),
        }
        lines = Connections(GUARD)
        with lines.line(self._node.provider, Call(60)) as line:
            answer = line.request(Call(60), "PUT", path, headers, self._pieces())
            said = Answer(answer.status, {}, answer.read())
        lines.close()
        return said

    def go_on(self) -> None:
        self._rest.set()

    def _pieces(self) -> Iterator[bytes]:
        yield FILM.archive[:HALF]
        self.is_halfway.set()
        self._rest.wait(60)
        yield FILM.archive[HALF:]


def writing(node: Running) -> bool:
    """Whether some of what is pushed lies in an intake."""
    return any((node.folder / "store" / "adding").glob("*/*"))


def until(has: Callable[[], object]) -> None:
    waiting = threading.Event()
    for _ in range(1200):
        if has():
            return
        waiting.wait(0.05)
    raise TimeoutError


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.mark.network
def test_a_push_under_way_is_finished_before_the_node_ends(
    tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    with start_node(tmp_path / "node") as node:
        push = SlowPush(node)
        pushing = pool.submit(push)
        until(lambda: writing(node))
        node.process.send_signal(signal.SIGTERM)
        until(lambda: node.ask("GET", "/health").said["status"] == "stopping")
        push.go_on()
        assert pushing.result(60).said["state"] == "held"
        assert node.process.wait(40) == 0
        node.start()
        assert node.order("GET", "/wt/v1/leases/1").said["state"] == "held"


@pytest.mark.network
def test_a_push_that_a_kill_cut_off_leaves_nothing_and_can_be_made_again(
    tmp_path: Path, pool: ThreadPoolExecutor
) -> None:
    with start_node(tmp_path / "node", quota="10 MB") as node:
        push = SlowPush(node)
        pushing = pool.submit(push)
        until(lambda: writing(node))
        node.kill()
        push.go_on()
        assert pushing.exception(60) is not None
        node.start()
        assert not writing(node)
        assert not list((node.folder / "store" / "blocks").glob("*/*"))
        said = node.order("GET", "/wt/v1/leases/1").said
        assert (said["state"], said["have"]) == ("fetching", 0)
        again = node.give(FILM.cid, FILM.size, FILM.archive, serial="1")
        assert again.said["state"] == "held"  # there is room: nothing is counted twice


@pytest.mark.network
def test_a_quota_below_what_is_held_takes_nothing_more_and_loses_nothing(tmp_path: Path) -> None:
    with start_node(tmp_path / "node", free_reads=True) as node:
        node.give(FILM.cid, FILM.size, FILM.archive, serial="1")
        assert node.stop() == 0
        file = node.folder / "node.toml"
        file.write_text(file.read_text().replace('quota = "1 GB"', 'quota = "1 MB"'))
        node.start()
        assert 'quota = "1 MB"' in file.read_text()
        assert node.order("GET", "/wt/v1/leases/1").said["state"] == "held"
        for key, data in FILM.blocks:
            assert node.ask("GET", f"/ipfs/{key}?format=raw").body == data
        other = graphs.film(1000, seed=32)
        refused = node.give(other.cid, other.size, other.archive, serial="2")
        assert (refused.status, refused.said["error"]) == (507, "quota-exceeded")


@pytest.mark.network
def test_a_renewed_certificate_is_shown_after_the_node_has_begun_anew(tmp_path: Path) -> None:
    with start_node(tmp_path / "node", free_reads=True) as node:
        node.give(FILM.cid, FILM.size, FILM.archive, serial="1")
        before, pid = node.certificate, node.process.pid
        (node.folder / "certificate.pem").unlink()
        assert node.certificate != before  # made anew on the disk; the node shows the old one
        node.process.send_signal(signal.SIGUSR1)
        node.wait()
        assert node.order("GET", "/wt/v1/leases/1").said["state"] == "held"
        assert (node.process.pid, node.process.poll()) == (pid, None)
        assert node.stop() == 0


@pytest.mark.network
def test_a_disk_full_to_the_last_byte_still_serves_and_takes_again_when_there_is_room(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "node"
    folder.mkdir()
    small = ["mount", "-t", "tmpfs", "-o", "size=96m", "none", str(folder)]
    if subprocess.run(small, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        with start_node(folder, free_reads=True) as node:
            node.give(FILM.cid, FILM.size, FILM.archive, serial="1")
            filler = folder / "somebody-elses"
            subprocess.run(["fallocate", "-l", "96m", filler], check=False, capture_output=True)
            with filler.open("ab") as file:
                _fill(file.fileno())
            for key, data in FILM.blocks:
                assert node.ask("GET", f"/ipfs/{key}?format=raw").body == data
            other = graphs.film(1000, seed=33)
            refused = node.give(other.cid, other.size, other.archive, serial="2")
            assert refused.status == 507
            assert node.order("GET", "/wt/v1/leases/2").status == 404
            filler.unlink()
            assert node.give(other.cid, other.size, other.archive, serial="2").status == 200
            assert node.stop() == 0
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(descriptor: int) -> None:
    try:
        while os.write(descriptor, bytes(4096)):
            pass
    except OSError:
        return


def made(folder: Path) -> Certificate:
    folder.mkdir()
    return certificates.own(folder, "node")


def test_a_renewed_certificate_is_noticed_once_its_files_are_whole(tmp_path: Path) -> None:
    shown, new, begun = made(tmp_path / "a"), made(tmp_path / "b"), []
    files = certificates.given(shown.certificate, shown.key)

    async def look() -> None:
        chore = Renewing(
            lambda: certificates.given(shown.certificate, shown.key),
            files,
            lambda: begun.append(1),
            every=0.0,
        )
        assert not chore.is_renewed()
        shown.certificate.write_bytes(new.certificate.read_bytes())
        assert not chore.is_renewed()  # its key is still the old one's
        shown.key.write_bytes(new.key.read_bytes())
        await asyncio.wait_for(chore.run(), 20)

    asyncio.run(look())
    assert begun == [1]

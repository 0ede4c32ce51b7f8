"""What a node lives through: restarts, full disks, slow and broken lines, many readers at once."""

import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from pytest_socket import socket_allow_hosts

from tests.node import graphs, namespaces
from tests.node.namespaces import GATE, Lan
from tests.node.nodes import Running, start_node

pytestmark = pytest.mark.network

FILM = graphs.film(4 << 20, seed=21)


def client(node: Running, *, http2: bool) -> httpx.Client:
    """Some other program: it knows the node's certificate as a file."""
    trusted = ssl.create_default_context(cafile=str(node.folder / "certificate.pem"))
    trusted.check_hostname = False
    return httpx.Client(verify=trusted, http1=not http2, http2=http2, trust_env=False)


@pytest.mark.parametrize("http2", [True, False])
def test_any_program_reads_over_tls_by_either_http(tmp_path: Path, http2: bool) -> None:
    with start_node(tmp_path / "node", free_reads=True) as node, client(node, http2=http2) as web:
        node.give(FILM.cid, FILM.size, FILM.archive)
        key, data = FILM.blocks[-1]
        answer = web.get(f"{node.url}/ipfs/{key}?format=raw")
        assert (answer.status_code, answer.content) == (200, data)
        assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")


def test_who_reads_while_it_restarts_gets_all(tmp_path: Path) -> None:
    with start_node(tmp_path / "node", free_reads=True, bandwidth="2 MB/s") as node:
        node.give(FILM.cid, FILM.size, FILM.archive)
        with client(node, http2=False) as web:
            path = f"{node.url}/ipfs/{FILM.cid}?format=car"
            with web.stream("GET", path) as answer:
                pieces = answer.iter_raw()
                came = len(next(pieces))
                node.process.send_signal(signal.SIGTERM)
                came += sum(map(len, pieces))
        assert came == len(FILM.archive)
        assert node.process.wait(20) == 0
        node.start()
        assert node.ask("GET", f"/ipfs/{FILM.cid}?format=raw").status == 200


def test_a_new_version_waits_for_the_old_one_and_keeps_all(tmp_path: Path) -> None:
    with start_node(tmp_path / "node", free_reads=True) as node:
        held = node.give(FILM.cid, FILM.size, FILM.archive).said
        old = node.process
        starting = threading.Thread(target=node.start)
        starting.start()
        time.sleep(1)
        old.send_signal(signal.SIGTERM)
        assert old.wait(20) == 0
        starting.join()
        assert node.process is not old
        node.wait()
        assert node.order("GET", f"/wt/v1/leases/{held['serial']}").said["state"] == "held"


def test_the_bandwidth_is_shared_by_all_who_read(tmp_path: Path) -> None:
    with start_node(tmp_path / "node", free_reads=True, bandwidth="2 MB/s") as node:
        node.give(FILM.cid, FILM.size, FILM.archive)
        leaves = [key for key, data in FILM.blocks if len(data) == 1 << 20]
        began = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            paths = [f"/ipfs/{key}?format=raw" for key in leaves]
            sizes = [len(answer.body) for answer in pool.map(lambda p: node.ask("GET", p), paths)]
        took = time.monotonic() - began
        assert sizes == [1 << 20] * 4
        assert took > (4 * (1 << 20) - 500_000) / 2e6 * 0.95


def test_a_node_stops_soon_while_it_fetches_and_goes_on_after(tmp_path: Path) -> None:
    film = graphs.film(40 << 20, seed=25)  # more than is asked for ahead
    with start_node(tmp_path / "slow", free_reads=True, bandwidth="5 MB/s") as slow:
        slow.give(film.cid, film.size, film.archive)
        with start_node(tmp_path / "node", gateway=slow.gateway) as node:
            source = {"url": slow.url, "certificate": slow.certificate, "peer_id": slow.peer_id}
            lease = node.lease(film.cid, film.size, serial="long")
            node.order("POST", "/wt/v1/leases", {"lease": lease, "sources": [source]})
            time.sleep(1.5)
            began = time.monotonic()
            assert node.stop() == 0
            assert time.monotonic() - began < 30
            node.start()
            assert node.order("GET", "/wt/v1/leases/long").said["state"] == "fetching"
            assert node.wait_for("long", "held", seconds=60)["have"] == film.size


def nothing_left(node: Running) -> bool:
    """No block, no intake, no spool."""
    store = node.folder / "store"
    return not list((store / "blocks").glob("*/*")) and not list((store / "adding").glob("*"))


def test_a_disk_that_fills_up_refuses_by_name_and_keeps_nothing_half(tmp_path: Path) -> None:
    """No file may grow past 600 kB: what a full disk says, for every larger block."""
    film = graphs.film(1 << 20, seed=22)
    limited = ("prlimit", "--fsize=600000")
    with start_node(tmp_path / "node", free_reads=True, inside=limited) as node:
        refused = node.give(film.cid, film.size, film.archive, serial="1")
        assert (refused.status, refused.said["error"]) == (507, "quota-exceeded")
        assert nothing_left(node)
        assert node.ask("GET", f"/ipfs/{film.cid}?format=raw").status == 404
        small = graphs.film(100_000, seed=23)
        assert node.give(small.cid, small.size, small.archive).status == 200


def test_a_lease_the_disk_has_no_room_for_is_refused_at_once(tmp_path: Path) -> None:
    """The quota says a gigabyte, the disk has eighty megabytes."""
    folder = tmp_path / "node"
    small = ["mount", "-t", "tmpfs", "-o", "size=80m", "none", str(folder)]
    folder.mkdir()
    if subprocess.run(small, check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        with start_node(folder, free_reads=True) as node:
            film = graphs.film(20 << 20, seed=24)
            refused = node.give(film.cid, film.size, film.archive)
            assert (refused.status, refused.said["error"]) == (507, "disk-full")
            assert nothing_left(node)
            assert node.give(FILM.cid, FILM.size, FILM.archive).status == 200
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def lan() -> Iterator[Lan]:
    if not namespaces.are_allowed():
        pytest.skip("this machine lets nobody make network namespaces")
    with namespaces.lan() as made:
        yield made


def test_a_line_that_breaks_and_comes_back_costs_only_time(tmp_path: Path, lan: Lan) -> None:
    """Two nodes on machines of their own; the cable between them is pulled while one fetches."""
    one, two = lan.machine(), lan.machine()
    socket_allow_hosts([GATE, one.host, two.host, "127.0.0.1"])
    with start_node(tmp_path / "a", host=one.host, inside=one.inside, free_reads=True) as giver:
        giver.give(FILM.cid, FILM.size, FILM.archive)
        one.slow(20_000)
        with start_node(
            tmp_path / "b", host=two.host, inside=two.inside, gateway=giver.gateway
        ) as taker:
            source = {
                "url": giver.url,
                "certificate": giver.certificate,
                "peer_id": giver.peer_id,
            }
            lease = taker.lease(FILM.cid, FILM.size, serial="far")
            taker.order("POST", "/wt/v1/leases", {"lease": lease, "sources": [source]})
            time.sleep(0.7)
            one.cut()
            time.sleep(2)
            assert taker.order("GET", "/wt/v1/leases/far").said["state"] == "fetching"
            one.mend()
            one.slow(1_000_000)
            assert taker.wait_for("far", "held", seconds=60)["have"] == FILM.size

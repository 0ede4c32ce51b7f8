"""On a real server: flat memory, kept bytes, early refusals, and a clean end."""

import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import httpx
import pytest

from node_bridge import EmbeddedEngine, Grant, Keyring
from tests.gateway.serving import Served, granian
from tests.gateway.serving_app import SECRET

pytestmark = pytest.mark.services

MIB = 1 << 20
APP = "tests.gateway.serving_app:application"
MOVIE = Random(5).randbytes(5 * MIB + 99)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def movie(folder: Path) -> str:
    engine = EmbeddedEngine(folder / "blocks", fsync=False)
    cid = engine.add_dir({"movie.mp4": engine.add([MOVIE]).cid}).cid
    (folder / "open").write_text(cid)
    return cid


@pytest.fixture(scope="module")
def served(folder: Path, movie: str) -> Iterator[Served]:
    with granian(APP, {"GATEWAY_FOLDER": str(folder)}) as served:
        yield served


def token(verb: str, subject: str, *, limit: int = 4 << 30, key: str = "k") -> str:
    grant = Grant(verb, subject, int(time.time()) + 300, limit, key)  # type: ignore[arg-type]  # a str from the test's own call
    return Keyring([SECRET]).sign(grant)


def begin(connection: socket.socket, head: str) -> None:
    connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")


def until(true: Callable[[], bool], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def test_it_serves_ranges_and_whole_files(served: Served, movie: str) -> None:
    with httpx.Client(base_url=served.url) as client:
        assert client.get("/health").json()["status"] == "ok"
        whole = client.get(f"/ipfs/{movie}/movie.mp4")
        assert whole.content == MOVIE
        part = client.get(f"/ipfs/{movie}/movie.mp4", headers={"Range": "bytes=1048570-1048580"})
        assert (part.status_code, part.content) == (206, MOVIE[1048570:1048581])
        head = client.head(f"/ipfs/{movie}/movie.mp4")
        assert head.headers["content-length"] == str(len(MOVIE))
        same = client.get(
            f"/ipfs/{movie}/movie.mp4", headers={"If-None-Match": whole.headers["etag"]}
        )
        assert (same.status_code, same.content) == (304, b"")
        assert client.get(f"/ipfs/{movie}/movie.mp4/%2e%2e/x").status_code in {400, 404}


def test_a_slow_reader_holds_little_memory(served: Served, folder: Path) -> None:
    engine = EmbeddedEngine(folder / "blocks", fsync=False)
    piece = Random(6).randbytes(MIB)
    big = engine.add(number.to_bytes(4, "big") + piece for number in range(600)).cid
    with (folder / "open").open("a") as out:
        out.write(f"\n{big}")
    time.sleep(2.1)  # the door's answer may be that old
    before = served.resident()
    with served.connect() as connection:
        begin(connection, f"GET /ipfs/{big} HTTP/1.1\nHost: x")
        for _ in range(20):
            assert connection.recv(65_536)
            time.sleep(0.1)
        assert served.resident() - before <= 10 * MIB


def test_a_reader_that_leaves_is_not_charged(served: Served, folder: Path, movie: str) -> None:
    grant = token("read", movie, key="left")
    with served.connect() as connection:
        begin(connection, f"GET /g/{grant}/ipfs/{movie}/movie.mp4 HTTP/1.1\nHost: x")
        connection.recv(10_000)
    delivered = folder / "delivered.jsonl"
    until(lambda: delivered.exists() and "left" in delivered.read_text())
    counts = [json.loads(line) for line in delivered.read_text().splitlines()]
    assert 0 < sum(count.get("left", 0) for count in counts) < len(MOVIE) + 1


def test_a_cut_connection_keeps_its_bytes(served: Served, folder: Path) -> None:
    grant = token("upload", "cut")
    place = f"/g/{grant}/uploads/cut"
    tus = {"Tus-Resumable": "1.0.0"}
    data = Random(7).randbytes(20 * MIB)
    with httpx.Client(base_url=served.url, headers=tus) as client:
        made = client.post(f"/g/{grant}/uploads", headers={"Upload-Length": str(len(data))})
        assert made.headers["location"] == place
        with served.connect() as connection:
            begin(connection, _patch(place, 0, len(data)))
            connection.sendall(data[: 9 * MIB])
        until(lambda: _offset(client, place) == 9 * MIB)

        with served.connect() as dead:  # never closed by its client, like a phone that lost its net
            begin(dead, _patch(place, 9 * MIB, len(data) - 9 * MIB))
            dead.sendall(data[9 * MIB : 12 * MIB])
            until(lambda: _offset(client, place) == 12 * MIB)
            begun = time.monotonic()
            rest = client.patch(
                place,
                content=data[12 * MIB :],
                headers={
                    "Upload-Offset": str(12 * MIB),
                    "Content-Type": "application/offset+octet-stream",
                },
            )
            assert rest.status_code == 204
            assert time.monotonic() - begun < 3
    assert (folder / "uploads/cut/source").read_bytes() == data


def test_a_refusal_reaches_a_client_that_is_still_sending(served: Served) -> None:
    grant = token("upload", "refused", limit=1000)
    with served.connect() as connection:
        size = 30 * MIB
        begin(
            connection,
            f"POST /g/{grant}/uploads/form HTTP/1.1\nHost: x\nContent-Length: {size}\n"
            "Content-Type: multipart/form-data; boundary=b",
        )
        for _ in range(30):
            connection.sendall(bytes(MIB))
        assert connection.recv(1000).startswith(b"HTTP/1.1 413")


def test_damage_midway_ends_the_connection_short(served: Served, folder: Path) -> None:
    engine = EmbeddedEngine(folder / "blocks", fsync=False)
    data = Random(8).randbytes(3 * MIB)
    cid = engine.add([data]).cid
    held = [path for path in (folder / "blocks").rglob("*") if path.is_file()]
    block = next(path for path in held if path.read_bytes() == data[2 * MIB :])
    block.chmod(0o600)
    block.write_bytes(bytes(MIB))
    with httpx.Client(base_url=served.url) as client:
        url = f"/g/{token('read', cid)}/ipfs/{cid}"
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(url)
        assert client.get(url, headers={"Range": "bytes=2097152-"}).status_code == 502


def test_a_killed_server_loses_no_byte_that_it_had(tmp_path: Path) -> None:
    grant = token("upload", "killed")
    place = f"/g/{grant}/uploads/killed"
    data = Random(9).randbytes(8 * MIB)
    tus = {"Tus-Resumable": "1.0.0"}
    environment = {"GATEWAY_FOLDER": str(tmp_path)}
    source = tmp_path / "uploads/killed/source"
    with granian(APP, environment) as served:
        length = {**tus, "Upload-Length": str(len(data))}
        httpx.post(f"{served.url}/g/{grant}/uploads", headers=length)
        with served.connect() as connection:
            begin(connection, _patch(place, 0, len(data)))
            connection.sendall(data[: 5 * MIB])
            until(lambda: source.stat().st_size == 5 * MIB)
            os.kill(served.worker(), signal.SIGKILL)
            os.kill(served.process.pid, signal.SIGKILL)
    with granian(APP, environment) as served, httpx.Client(base_url=served.url) as client:
        client.headers.update(tus)
        assert _offset(client, place) == 5 * MIB
        bytes_type = {"Content-Type": "application/offset+octet-stream"}
        headers = {**bytes_type, "Upload-Offset": str(5 * MIB)}
        assert client.patch(place, content=data[5 * MIB :], headers=headers).status_code == 204
    assert sha256(source.read_bytes()).digest() == sha256(data).digest()
    assert len((tmp_path / "taken.jsonl").read_text().splitlines()) == 1


def test_a_stop_hands_over_what_was_counted(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "blocks", fsync=False)
    cid = engine.add([MOVIE]).cid
    with granian(APP, {"GATEWAY_FOLDER": str(tmp_path)}) as served:
        assert httpx.get(f"{served.url}/g/{token('read', cid)}/ipfs/{cid}").content == MOVIE
    assert served.process.returncode == 0
    counts = (tmp_path / "delivered.jsonl").read_text().splitlines()
    assert sum(json.loads(line)["k"] for line in counts) == len(MOVIE)


def _patch(place: str, offset: int, length: int) -> str:
    return (
        f"PATCH {urlsplit(place).path} HTTP/1.1\nHost: x\nTus-Resumable: 1.0.0\n"
        "Content-Type: application/offset+octet-stream\n"
        f"Upload-Offset: {offset}\nContent-Length: {length}"
    )


def _offset(client: httpx.Client, place: str) -> int:
    return int(client.head(place).headers["upload-offset"])

"""Cuts, stalls, crashes and a site that is away: what arrived is kept and handed over once."""

import asyncio
import fcntl
import hashlib
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from gateway import Gateway, NotReceived, Uploads
from tests.gateway.asking import MemorySite, Reply
from tests.gateway.tus_speaker import (
    DATA,
    PIECES,
    Client,
    files_in,
    wait_for_bytes,
)

Sign = Callable[..., str]


async def test_a_disk_that_fills_up_keeps_what_it_took(client: Client) -> None:
    await client.create()
    await client.patch(0, PIECES[:1], cut=True)
    with patch("gateway.writing.os.pwrite", side_effect=OSError(28, "No space left on device")):
        reply = await client.patch(50_000, PIECES[1:])
    assert (reply.status, reply.headers["x-refusal"]) == (507, "disk-full")
    assert await client.offset() == 50_000


async def test_bytes_under_a_checksum_do_not_count_after_a_cut(
    client: Client, tmp_path: Path
) -> None:
    await client.create()
    await client.patch(0, PIECES[:1])
    checksum = "sha1 " + b64encode(hashlib.sha1(DATA[50_000:]).digest()).decode()
    await client.patch(50_000, PIECES[1:3], cut=True, upload_checksum=checksum)
    assert await client.offset() == 50_000


async def test_bytes_under_a_checksum_do_not_count_after_a_crash(
    client: Client, site: MemorySite, tmp_path: Path
) -> None:
    await client.create()
    await client.patch(0, PIECES[:1])
    folder = tmp_path / "uploads/film1"
    (folder / "unverified").write_text("50000")
    with (folder / "source").open("ab") as source:
        source.write(b"not verified")
    assert await client.offset() == 50_000
    await client.patch(50_000, PIECES[1:])
    assert site.receiver.took["film1"][0] == DATA


async def test_the_newer_connection_goes_on(
    client: Client, site: MemorySite, uploads: Uploads
) -> None:
    await client.create()
    hanging = asyncio.Event()

    async def stalled_receive() -> dict[str, object]:
        if not hanging.is_set():
            hanging.set()
            return {"type": "http.request", "body": PIECES[0], "more_body": True}
        await asyncio.sleep(3600)
        raise AssertionError("unreachable")

    replies: list[object] = []

    async def send(message: object) -> None:
        replies.append(message)

    scope = {
        "type": "http",
        "method": "PATCH",
        "path": client.place,
        "headers": [
            (b"tus-resumable", b"1.0.0"),
            (b"content-type", b"application/offset+octet-stream"),
            (b"upload-offset", b"0"),
        ],
    }
    old = asyncio.create_task(client.gateway(scope, stalled_receive, send))
    await hanging.wait()
    await asyncio.to_thread(wait_for_bytes, uploads.find("film1"), uploads)
    begun = time.monotonic()
    assert (await client.patch(50_000, PIECES[1:])).status == 204
    assert time.monotonic() - begun < 2
    await old
    assert replies[0]["status"] == 423  # type: ignore[index]  # an ASGI message
    assert site.receiver.took["film1"][0] == DATA


async def test_a_stalled_connection_is_let_go(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.writing.STALL_SECONDS", 0.05)
    await client.create()

    async def slow(*_: object) -> Reply:
        return await client.patch(0, PIECES)

    with patch("tests.gateway.asking.asyncio.sleep", _endless):
        reply = await slow()
    assert (reply.status, reply.headers["x-refusal"]) == (408, "stalled")
    assert await client.offset() == 0


async def _endless(_: float) -> None:
    await asyncio.get_running_loop().create_future()


async def test_another_process_holds_the_upload(client: Client, tmp_path: Path) -> None:
    await client.create()
    with (tmp_path / "uploads/film1/source").open("rb") as elsewhere:
        fcntl.flock(elsewhere, fcntl.LOCK_EX)
        reply = await client.patch(0, PIECES)
    assert (reply.status, reply.headers["x-refusal"]) == (423, "locked")
    assert await client.offset() == 0


async def test_a_site_that_was_away_gets_the_file_later(
    client: Client, site: MemorySite, uploads: Uploads
) -> None:
    await client.create()
    site.receiver.failing = ConnectionError("the site is away")
    assert (await client.patch(0, PIECES)).status == 503
    assert [upload.key for upload in uploads.complete()] == ["film1"]
    await client.gateway._handover.go_round()
    assert (await client.head()).status == 503
    site.receiver.failing = None
    assert (await client.head()).status == 200
    assert site.receiver.took["film1"][0] == DATA
    calls = site.receiver.calls
    await client.gateway._handover.go_round()
    assert site.receiver.calls == calls
    assert not list(uploads.complete())


async def test_a_process_that_died_hands_over_at_its_next_round(
    client: Client, site: MemorySite
) -> None:
    await client.create()
    site.receiver.failing = ConnectionError("killed here")
    await client.patch(0, PIECES)
    site.receiver.failing = None
    await client.gateway._handover.go_round()
    assert site.receiver.took["film1"][0] == DATA


async def test_a_file_that_is_not_wanted_is_gone(
    client: Client, site: MemorySite, tmp_path: Path
) -> None:
    await client.create()
    site.receiver.failing = NotReceived("This video was deleted meanwhile.")
    reply = await client.patch(0, PIECES)
    assert (reply.status, reply.text) == (422, "This video was deleted meanwhile.\n")
    assert not files_in(tmp_path)


async def test_old_uploads_expire_and_are_swept(
    client: Client, uploads: Uploads, site: MemorySite, gateway: Gateway, sign: Sign
) -> None:
    await client.create()
    await client.patch(0, PIECES[:1], cut=True)
    taken = Client(gateway, sign("upload", "film2", limit=1 << 20), "film2")
    await taken.create(5)
    await taken.patch(0, [b"12345"])
    assert uploads.sweep(now=time.time()) == []

    uploads.keep_seconds = 0
    reply = await client.head()
    assert (reply.status, reply.headers.get("x-refusal")) == (410, "upload-expired")
    assert uploads.sweep(now=time.time()) == ["film1"]
    assert (await client.head()).status == 404
    assert (await taken.head()).status == 200


async def test_an_expired_upload_can_be_begun_anew(client: Client, uploads: Uploads) -> None:
    await client.create()
    await client.patch(0, PIECES[:1], cut=True)
    uploads.keep_seconds = 0
    assert (await client.create(5)).headers["upload-offset"] == "0"

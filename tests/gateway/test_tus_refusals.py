"""What an upload may not be is said before bytes are taken, and changes nothing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import Gateway, Uploads
from node_bridge import Keyring, MemoryEngine
from tests.gateway.asking import MemorySite, ask
from tests.gateway.tus_speaker import BYTES, PIECES, TUS, Client, files_in, named

Sign = Callable[..., str]


@pytest.mark.parametrize(
    ("headers", "status", "name"),
    [
        ({"Tus-Resumable": "0.2.0"}, 412, "other-version"),
        ({"Content-Type": "text/plain"}, 415, "wrong-content-type"),
        ({"Upload-Offset": "7"}, 409, "offset-mismatch"),
        ({"Upload-Offset": "-1"}, 400, "malformed"),
        ({"Upload-Offset": ""}, 400, "malformed"),
        ({"Upload-Checksum": "crc32 AAAA"}, 400, "malformed"),
        ({"Upload-Checksum": "sha1 !!"}, 400, "malformed"),
        ({"Upload-Checksum": "sha1 AAAA"}, 460, "checksum-mismatch"),
        ({"Content-Length": "300001"}, 413, "too-big"),
    ],
)
async def test_refused_patches_change_nothing(
    client: Client, headers: dict[str, str], status: int, name: str
) -> None:
    await client.create()
    given = {**TUS, **BYTES, "Upload-Offset": "0", **headers}
    reply = await ask(client.gateway, "PATCH", client.place, given, PIECES[:1])
    assert (reply.status, reply.headers["x-refusal"]) == (status, name)
    assert reply.headers["tus-resumable"] == "1.0.0"
    assert await client.offset() == 0


@pytest.mark.parametrize(
    ("headers", "status", "name"),
    [
        ({"Upload-Length": str((1 << 20) + 1)}, 413, "too-big"),
        ({"Upload-Length": "99999999999999999999"}, 400, "malformed"),
        ({"Upload-Length": "x"}, 400, "malformed"),
        ({"Upload-Length": ""}, 400, "malformed"),
        ({"Upload-Metadata": "filename ***"}, 400, "malformed"),
        ({"Upload-Metadata": "a YQ==,a YQ=="}, 400, "malformed"),
        ({"Upload-Metadata": "a " + "Y" * 5000}, 400, "malformed"),
        ({"Tus-Resumable": ""}, 412, "other-version"),
    ],
)
async def test_refused_creations_make_nothing(
    client: Client, tmp_path: Path, headers: dict[str, str], status: int, name: str
) -> None:
    given = {**TUS, "Upload-Length": "5", **headers}
    reply = await ask(client.gateway, "POST", client.base, given)
    assert (reply.status, reply.headers["x-refusal"]) == (status, name)
    assert not files_in(tmp_path)


async def test_more_bytes_than_announced_are_not_kept(client: Client) -> None:
    await client.create(120_000)
    reply = await client.patch(0, PIECES[:3])
    assert (reply.status, reply.headers["x-refusal"]) == (413, "too-big")
    assert await client.offset() == 100_000


async def test_no_room_is_said_before_bytes_are_taken(
    client: Client, engine: MemoryEngine, keyring: Keyring, site: MemorySite, tmp_path: Path
) -> None:
    full = Uploads(tmp_path / "full", reserve=1 << 60)
    client.gateway = Gateway(engine=engine, keyring=keyring, site=site.as_site(), uploads=full)
    reply = await client.create(5)
    assert (reply.status, reply.headers["x-refusal"]) == (507, "disk-full")
    assert not files_in(tmp_path)


@pytest.mark.parametrize(
    "subject", ["..", ".", "a/b", "../../etc/passwd", "a.b", "x" * 65, "caf\u00e9", "a b"]
)
async def test_hostile_keys_touch_nothing(
    gateway: Gateway, sign: Sign, tmp_path: Path, subject: str
) -> None:
    client = Client(gateway, sign("upload", subject, limit=1000), subject)
    assert (await client.create(5)).status == 404
    assert (await client.head()).status == 404
    assert (await client.patch(0, [b"12345"])).status == 404
    assert not files_in(tmp_path)


@pytest.mark.parametrize(
    "name", ["te[s]t_ video %'\"\n.mp4", "../../x", "\0", "a" * 500, "\u202egpj.exe", ""]
)
async def test_hostile_names_are_only_data(
    client: Client, site: MemorySite, tmp_path: Path, name: str
) -> None:
    await client.create(5, upload_metadata=named(name))
    assert (await client.patch(0, [b"12345"])).status == 204
    assert site.receiver.took == {"film1": (b"12345", name[:255])}
    assert files_in(tmp_path) == ["source", "upload.json"]
    known = json.loads((tmp_path / "uploads/film1/upload.json").read_text())
    assert known["filename"] == name[:255]


async def test_a_grant_is_for_one_upload(gateway: Gateway, client: Client, sign: Sign) -> None:
    await client.create()
    other = sign("upload", "film2", limit=1 << 20)
    reply = await ask(gateway, "HEAD", f"/g/{other}/uploads/film1", TUS)
    assert reply.status == 404
    expired = sign("upload", "film1", seconds=-1)
    reply = await ask(gateway, "HEAD", f"/g/{expired}/uploads/film1", TUS)
    assert (reply.status, reply.headers["x-refusal"]) == (403, "link-expired")
    renewed = Client(gateway, sign("upload", "film1", limit=1 << 20), "film1")
    assert await renewed.offset() == 0


async def test_an_upload_cannot_be_read(
    gateway: Gateway, client: Client, sign: Sign, root: str
) -> None:
    await client.create()
    token = sign("upload", root, limit=10)
    assert (await ask(gateway, "GET", f"/g/{token}/ipfs/{root}/movie.mp4")).status == 403
    assert (await ask(gateway, "GET", client.place, TUS)).status == 405

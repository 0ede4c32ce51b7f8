"""tus 1.0.0: a file arrives whole, in any number of pieces, by every extension we speak."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import Gateway, Uploads
from gateway.uploads import GIB
from node_bridge import Keyring, MemoryEngine
from tests.gateway.asking import MemorySite, ask
from tests.gateway.tus_speaker import BYTES, DATA, PIECES, TUS, Client, files_in, named

Sign = Callable[..., str]


async def test_a_file_arrives_whole(client: Client, site: MemorySite) -> None:
    created = await client.create(upload_metadata=named("holiday.mp4"))
    assert created.status == 201
    assert created.headers["location"] == client.place
    assert created.headers["tus-resumable"] == "1.0.0"
    assert created.headers["upload-expires"].endswith("GMT")
    done = await client.patch(0, PIECES)
    assert (done.status, done.headers["upload-offset"]) == (204, str(len(DATA)))
    assert site.receiver.took == {"film1": (DATA, "holiday.mp4")}
    head = await client.head()
    assert head.headers["upload-length"] == head.headers["upload-offset"] == str(len(DATA))
    assert head.headers["upload-metadata"] == named("holiday.mp4")
    assert head.headers["cache-control"] == "no-store"
    assert (await client.patch(len(DATA), [])).status == 204
    assert site.receiver.calls == 1


async def test_a_cut_keeps_what_came(client: Client, site: MemorySite) -> None:
    await client.create()
    await client.patch(0, PIECES[:3], cut=True)
    assert await client.offset() == 150_000
    assert not site.receiver.calls
    await client.patch(150_000, PIECES[3:])
    assert site.receiver.took["film1"][0] == DATA


async def test_it_can_be_created_with_bytes(client: Client, site: MemorySite) -> None:
    headers = {**TUS, **BYTES, "Upload-Length": str(len(DATA))}
    reply = await ask(client.gateway, "POST", client.base, headers, PIECES[:2])
    assert (reply.status, reply.headers["upload-offset"]) == (201, "100000")
    await client.patch(100_000, PIECES[2:])
    assert site.receiver.took["film1"][0] == DATA


async def test_an_empty_file_is_whole_at_once(client: Client, site: MemorySite) -> None:
    assert (await client.create(0)).status == 201
    assert site.receiver.took["film1"] == (b"", "")


async def test_creating_twice_is_the_same_upload(client: Client) -> None:
    first = await client.create(upload_metadata=named("a.mp4"))
    await client.patch(0, PIECES[:2], cut=True)
    again = await client.create(upload_metadata=named("a.mp4"))
    assert again.status == 201
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["upload-offset"] == "100000"

    other = await client.create(5, upload_metadata=named("b.mp4"))
    assert (other.status, other.headers["x-refusal"]) == (409, "another-file")
    assert await client.offset() == 100_000


async def test_another_file_may_replace_one_that_has_no_bytes(client: Client) -> None:
    await client.create(upload_metadata=named("a.mp4"))
    assert (await client.create(5, upload_metadata=named("b.mp4"))).status == 201
    assert (await client.head()).headers["upload-length"] == "5"


async def test_options_say_what_is_spoken(client: Client) -> None:
    reply = await ask(client.gateway, "OPTIONS", client.base)
    assert reply.status == 204
    assert reply.headers["tus-version"] == "1.0.0"
    assert reply.headers["tus-max-size"] == str(50 * GIB)
    assert "checksum" in reply.headers["tus-extension"].split(",")
    assert "PATCH" in reply.headers["access-control-allow-methods"]


async def test_a_method_may_come_in_a_header(client: Client) -> None:
    await client.create()
    headers = {**TUS, "X-HTTP-Method-Override": "HEAD"}
    reply = await ask(client.gateway, "POST", client.place, headers)
    assert reply.headers["upload-offset"] == "0"


async def test_deleting_forgets_it(client: Client, tmp_path: Path) -> None:
    await client.create()
    await client.patch(0, PIECES[:1], cut=True)
    assert (await client.delete()).status == 204
    assert (await client.head()).status == 404
    assert not files_in(tmp_path)


async def test_what_the_site_has_taken_stays(client: Client, tmp_path: Path) -> None:
    await client.create()
    await client.patch(0, PIECES)
    reply = await client.delete()
    assert (reply.status, reply.headers["x-refusal"]) == (409, "already-taken")
    assert (tmp_path / "uploads/film1/source").read_bytes() == DATA
    assert (await client.create(7)).status == 409
    assert (tmp_path / "uploads/film1/source").read_bytes() == DATA


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
async def test_checksums_guard_each_piece(client: Client, site: MemorySite, algorithm: str) -> None:
    await client.create()
    for number, piece in enumerate(PIECES):
        good = b64encode(hashlib.new(algorithm, piece).digest()).decode()
        damaged = await client.patch(
            50_000 * number, [piece[:-1] + b"\0"], upload_checksum=f"{algorithm} {good}"
        )
        assert damaged.status == 460
        reply = await client.patch(50_000 * number, [piece], upload_checksum=f"{algorithm} {good}")
        assert reply.status == 204
    assert site.receiver.took["film1"][0] == DATA


async def test_a_proxys_prefix_is_in_the_location(
    engine: MemoryEngine, keyring: Keyring, site: MemorySite, uploads: Uploads, sign: Sign
) -> None:
    gateway = Gateway(
        engine=engine,
        keyring=keyring,
        site=site.as_site(),
        uploads=uploads,
        public_url="https://bytes.example/x/",
    )
    client = Client(gateway, sign("upload", "film1", limit=9), "film1")
    location = (await client.create(5)).headers["location"]
    assert location == "https://bytes.example/x" + client.place

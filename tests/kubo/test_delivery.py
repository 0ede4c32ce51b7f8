"""The gateway over a Kubo gives the answers it gives over our own store; damage is refused."""

from pathlib import Path
from random import Random

import httpx
import pytest

from gateway import Gateway, Uploads
from node_bridge import Cid, Keyring, MemoryEngine, NodeEngine
from tests.gateway.asking import MemorySite, Reply, ask
from tests.kubo.pool import Pool
from tests.kubo.test_kubo_engine import stored_at

pytestmark = pytest.mark.network

MIB = 1 << 20
MOVIE = Random(43).randbytes(3 * MIB + 999)
FILES = {"movie.mp4": MOVIE, "a/master.m3u8": b"#EXTM3U\n", "a/ñ %.vtt": b"WEBVTT\n", "empty": b""}


def fill(engine: NodeEngine) -> Cid:
    return engine.add_dir({name: engine.add([data]).cid for name, data in FILES.items()}).cid


def gateway_over(engine: NodeEngine, root: Cid, folder: Path) -> Gateway:
    site = MemorySite()
    site.door.open_roots.add(root)
    site.door.names["film"] = root
    site.door.open_names.add("film")
    keyring = Keyring([b"a secret for the tests of the gateway"])
    uploads = Uploads(folder, reserve=0)
    return Gateway(engine=engine, keyring=keyring, site=site.as_site(), uploads=uploads)


REQUESTS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/ipfs/{root}/movie.mp4", {}),
    ("HEAD", "/ipfs/{root}/movie.mp4", {}),
    ("GET", "/ipfs/{root}/movie.mp4", {"Range": f"bytes={MIB - 2}-{MIB + 1}"}),
    ("GET", "/ipfs/{root}/movie.mp4", {"Range": "bytes=-5"}),
    ("GET", "/ipfs/{root}/movie.mp4", {"Range": "bytes=99999999-"}),
    ("GET", "/ipfs/{root}/a/ñ %25.vtt", {}),
    ("GET", "/ipfs/{root}/empty", {}),
    ("GET", "/ipfs/{root}/a/", {}),
    ("GET", "/ipfs/{root}/none", {}),
    ("GET", "/ipfs/{root}?format=raw", {}),
    ("GET", "/ipfs/{root}?format=car", {}),
    ("GET", "/ipfs/{root}/movie.mp4?format=car&dag-scope=entity&entity-bytes=0:5", {}),
    ("GET", "/live/film/movie.mp4", {"Range": "bytes=0-9"}),
    ("GET", "/ipfs/bafkqaaa?format=raw", {}),
    ("GET", "/ipfs/nonsense", {}),
]


async def test_the_same_answers_to_the_same_requests(pool: Pool, tmp_path: Path) -> None:
    memory, kubo = MemoryEngine(), pool.lend()
    root = fill(kubo)
    assert fill(memory) == root
    ours = gateway_over(memory, root, tmp_path / "1")
    theirs = gateway_over(kubo, root, tmp_path / "2")

    for method, target, headers in REQUESTS:
        asked = target.format(root=root)
        expected = await ask(ours, method, asked, headers)
        reply = await ask(theirs, method, asked, headers)
        assert essence(reply) == essence(expected), f"{method} {target} {headers}"
    assert (await ask(theirs, "GET", f"/ipfs/{root}/movie.mp4")).body == MOVIE


def essence(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    moving = {"date", "server-timing"}
    kept = {name: value for name, value in reply.headers.items() if name not in moving}
    return reply.status, kept, reply.body


async def test_kubos_own_gateway_gives_the_same_bytes(pool: Pool, tmp_path: Path) -> None:
    kubo = pool.lend()
    root = fill(kubo)
    gateway = gateway_over(kubo, root, tmp_path)
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
        for path in ("movie.mp4", "?format=raw", "?format=car"):
            beside = await client.get(f"{pool.lent.gateway}/ipfs/{root}/{path}".replace("/?", "?"))
            ours = await ask(gateway, "GET", f"/ipfs/{root}/{path}".replace("/?", "?"))
            assert (beside.status_code, ours.status) == (200, 200)
            assert beside.content == ours.body


async def test_damage_in_kubo_reaches_nobody(pool: Pool, tmp_path: Path) -> None:
    kubo = pool.lend()
    root = fill(kubo)
    place = stored_at(pool.lent.home, MOVIE[:MIB])
    place.chmod(0o600)
    place.write_bytes(bytes(MIB))

    reply = await ask(gateway_over(kubo, root, tmp_path), "GET", f"/ipfs/{root}/movie.mp4")

    assert reply.status == 502
    assert len(reply.body) < 200


async def test_without_its_kubo_the_gateway_says_so(tmp_path: Path) -> None:
    root = fill(MemoryEngine())
    away = Pool(tmp_path / "away")
    try:
        engine = away.lend()
        away.lent.process.kill()
        away.lent.process.wait()
        gateway = gateway_over(engine, root, tmp_path / "uploads")
        reply = await ask(gateway, "GET", f"/ipfs/{root}/empty")
    finally:
        away.close()
    assert reply.status == 503

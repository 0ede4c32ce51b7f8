"""Open content is answered as RFC 9110 says, with headers under which user bytes are harmless."""

import asyncio
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from gateway import Gateway, Uploads
from gateway.hot import BLOCK, HotBlocks
from node_bridge import Cid, Corrupt, EngineDown, Keyring, MemoryEngine
from tests.gateway.asking import MemorySite, ask
from tests.gateway.conftest import MOVIE


async def test_a_file_comes_whole(gateway: Gateway, open_root: Cid) -> None:
    reply = await ask(gateway, "GET", f"/ipfs/{open_root}/movie.mp4")

    assert (reply.status, reply.body) == (200, MOVIE)
    assert reply.headers["content-length"] == str(len(MOVIE))
    assert reply.headers["content-type"] == "video/mp4"
    assert reply.headers["accept-ranges"] == "bytes"
    assert reply.headers["cache-control"] == "public, max-age=29030400, immutable"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in reply.headers
    assert reply.headers["x-ipfs-path"] == f"/ipfs/{open_root}/movie.mp4"
    file = reply.headers["etag"].strip('"')
    assert reply.headers["x-ipfs-roots"] == f"{open_root},{file}"
    assert reply.headers["ipfs-uri"] == f"ipfs://{open_root}/movie.mp4"
    assert "set-cookie" not in reply.headers


@pytest.mark.parametrize(
    ("start", "stop"),
    [(0, 1), (5, BLOCK), (BLOCK - 1, BLOCK + 1), (BLOCK, 2 * BLOCK), (262_143, 262_145),
     (len(MOVIE) - 1, len(MOVIE)), (1, len(MOVIE))],
)  # fmt: skip
async def test_a_range_comes_as_asked(
    gateway: Gateway, open_root: Cid, start: int, stop: int
) -> None:
    headers = {"Range": f"bytes={start}-{stop - 1}"}
    reply = await ask(gateway, "GET", f"/ipfs/{open_root}/movie.mp4", headers)

    assert (reply.status, reply.body) == (206, MOVIE[start:stop])
    assert reply.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(MOVIE)}"
    assert reply.headers["content-length"] == str(stop - start)


async def test_of_several_ranges_the_first_is_answered(gateway: Gateway, open_root: Cid) -> None:
    headers = {"Range": "bytes=5-6,0-1"}
    reply = await ask(gateway, "GET", f"/ipfs/{open_root}/movie.mp4", headers)
    assert (reply.status, reply.body) == (206, MOVIE[5:7])
    assert reply.headers["content-range"] == f"bytes 5-6/{len(MOVIE)}"


async def test_a_range_outside_is_refused(gateway: Gateway, open_root: Cid) -> None:
    headers = {"Range": f"bytes={len(MOVIE)}-"}
    reply = await ask(gateway, "GET", f"/ipfs/{open_root}/movie.mp4", headers)
    assert reply.status == 416
    assert reply.headers["content-range"] == f"bytes */{len(MOVIE)}"


async def test_head_has_the_headers_and_no_body(gateway: Gateway, open_root: Cid) -> None:
    headers = {"Range": "bytes=0-1"}
    reply = await ask(gateway, "HEAD", f"/ipfs/{open_root}/movie.mp4", headers)
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["content-length"] == str(len(MOVIE))


async def test_the_etag_is_the_files_own_cid(
    gateway: Gateway, open_root: Cid, engine: MemoryEngine
) -> None:
    target = f"/ipfs/{open_root}/movie.mp4"
    etag = f'"{engine.stat(f"{open_root}/movie.mp4").cid}"'
    assert (await ask(gateway, "GET", target)).headers["etag"] == etag

    for matching in (etag, f'"x", W/{etag}', "*"):
        reply = await ask(gateway, "GET", target, {"If-None-Match": matching})
        assert (reply.status, reply.body) == (304, b"")
        assert reply.headers["etag"] == etag
    reply = await ask(gateway, "GET", target, {"If-None-Match": '"x"'})
    assert reply.status == 200


async def test_if_range_guards_a_range(gateway: Gateway, open_root: Cid) -> None:
    target = f"/ipfs/{open_root}/movie.mp4"
    etag = (await ask(gateway, "HEAD", target)).headers["etag"]
    same = await ask(gateway, "GET", target, {"Range": "bytes=0-0", "If-Range": etag})
    weak = await ask(gateway, "GET", target, {"Range": "bytes=0-0", "If-Range": f"W/{etag}"})
    dated = {"Range": "bytes=0-0", "If-Range": "Wed, 21 Oct 2026 07:28:00 GMT"}
    assert (same.status, same.body) == (206, MOVIE[:1])
    assert (weak.status, weak.body) == (200, MOVIE)
    assert (await ask(gateway, "GET", target, dated)).status == 200


async def test_an_empty_file_is_answered(gateway: Gateway, open_root: Cid) -> None:
    reply = await ask(gateway, "GET", f"/ipfs/{open_root}/nothing.txt")
    assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("page.html", "text/html; charset=utf-8"),
        ("page.html?filename=x.svg", "image/svg+xml"),
        ("page.html?filename=x.js", "application/octet-stream"),
        ("page.html?filename=x.xhtml", "application/octet-stream"),
        ("page.html?filename=x.JPG", "image/jpeg"),
        ("sub/caf%C3%A9 100%25.vtt", "text/vtt; charset=utf-8"),
    ],
)
async def test_types_come_from_names_and_none_runs(
    gateway: Gateway, open_root: Cid, name: str, content_type: str
) -> None:
    reply = await ask(gateway, "GET", f"/ipfs/{open_root}/{name}")
    assert (reply.status, reply.headers["content-type"]) == (200, content_type)
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "default-src 'none'" in policy
    assert not {"allow-scripts", "allow-same-origin", "script-src"} & set(policy.split())
    assert reply.headers["x-content-type-options"] == "nosniff"


async def test_a_path_that_no_header_can_carry_is_said_encoded_alone(
    gateway: Gateway, open_root: Cid
) -> None:
    reply = await ask(gateway, "GET", f"/ipfs/{open_root}/sub/caf%C3%A9 100%25.vtt")
    assert "x-ipfs-path" not in reply.headers
    assert reply.headers["ipfs-uri"] == f"ipfs://{open_root}/sub/caf%C3%A9%20100%25.vtt"


async def test_any_page_may_ask(gateway: Gateway, open_root: Cid) -> None:
    headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    reply = await ask(gateway, "OPTIONS", f"/ipfs/{open_root}/movie.mp4", headers)
    assert reply.status == 204
    assert "Range" in reply.headers["access-control-allow-headers"]
    assert reply.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("method", "target", "status", "name"),
    [
        ("GET", "/ipfs/nonsense/x", 400, "malformed"),
        ("GET", "/ipfs/{root}/no-such.mp4", 404, "nothing-here"),
        ("GET", "/ipfs/{root}/movie.mp4/x", 404, "nothing-here"),
        ("GET", "/ipfs/{root}/../x", 400, "malformed"),
        ("GET", "/ipfs/{root}/sub%2f..%2fmovie.mp4", 400, "malformed"),
        ("GET", "/ipfs/{root}/a%00b", 400, "malformed"),
        ("GET", "/ipfs/{root}//movie.mp4", 400, "malformed"),
        ("GET", "/ipfs/" + "{root}" + "/a" * 1000, 400, "malformed"),
        ("GET", "/ipfs/", 404, "nothing-here"),
        ("GET", "/", 404, "nothing-here"),
        ("GET", "/g/x", 404, "nothing-here"),
        ("GET", "/etc/passwd", 404, "nothing-here"),
        ("GET", "/live/no-such-name/x.m3u8", 404, "nothing-here"),
        ("POST", "/ipfs/{root}/movie.mp4", 405, "method-not-allowed"),
        ("DELETE", "/live/x/y", 405, "method-not-allowed"),
        ("POST", "/health", 405, "method-not-allowed"),
        ("POST", "/uploads", 404, "nothing-here"),
    ],
)
async def test_refusals_are_a_sentence(
    gateway: Gateway, open_root: Cid, method: str, target: str, status: int, name: str
) -> None:
    reply = await ask(gateway, method, target.replace("{root}", open_root))
    assert (reply.status, reply.headers["x-refusal"]) == (status, name)
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.text.endswith(".\n")
    assert reply.text.count("\n") == 1


async def test_any_writing_of_a_cid_is_the_same_door(gateway: Gateway, open_root: Cid) -> None:
    upper = "B" + open_root[1:].upper()
    assert (await ask(gateway, "GET", f"/ipfs/{upper}/master.m3u8")).status == 200


async def test_damaged_bytes_are_refused_and_none_are_sent(
    gateway: Gateway, engine: MemoryEngine, open_root: Cid
) -> None:
    def damaged(*_: object) -> Iterator[bytes]:
        raise Corrupt("bytes differ")

    with patch.object(engine, "cat", damaged):
        reply = await ask(gateway, "GET", f"/ipfs/{open_root}/movie.mp4")
    assert (reply.status, reply.headers["x-refusal"]) == (502, "bad-bytes")


async def test_too_few_bytes_are_damage(
    gateway: Gateway, engine: MemoryEngine, open_root: Cid
) -> None:
    with patch.object(engine, "cat", lambda *_: iter([b"short"])):
        reply = await ask(gateway, "GET", f"/ipfs/{open_root}/movie.mp4")
    assert (reply.status, reply.headers["x-refusal"]) == (502, "bad-bytes")


async def test_damage_midway_leaves_the_answer_short(
    gateway: Gateway, engine: MemoryEngine, open_root: Cid
) -> None:
    whole = engine.cat

    def damaged(cid: str, offset: int, length: int) -> Iterator[bytes]:
        if offset >= BLOCK:
            raise Corrupt("bytes differ")
        return whole(cid, offset, length)

    with patch.object(engine, "cat", damaged):
        reply = await ask(gateway, "GET", f"/ipfs/{open_root}/movie.mp4")
    assert (reply.status, reply.body) == (200, MOVIE[:BLOCK])


async def test_a_node_that_is_down_says_so(
    gateway: Gateway, engine: MemoryEngine, open_root: Cid
) -> None:
    def down(*_: object) -> None:
        raise EngineDown("no disk")

    with patch.object(engine, "stat", down), patch.object(engine, "info", down):
        reply = await ask(gateway, "GET", f"/ipfs/{open_root}/movie.mp4")
        health = await ask(gateway, "GET", "/health")
    assert (reply.status, health.status) == (503, 503)
    assert (await ask(gateway, "GET", "/health")).status == 200


async def test_a_client_that_leaves_stops_the_reading(
    gateway: Gateway, engine: MemoryEngine, open_root: Cid
) -> None:
    offsets = []
    whole = engine.cat

    def watched(cid: str, offset: int, length: int) -> Iterator[bytes]:
        offsets.append(offset)
        return whole(cid, offset, length)

    with patch.object(engine, "cat", watched):
        reply = await ask(gateway, "GET", f"/ipfs/{open_root}/movie.mp4", cut=True)
    assert len(reply.body) <= BLOCK
    assert max(offsets) <= BLOCK  # the block sent and the one ahead, never the third


async def test_many_readers_of_a_block_are_one_reading(engine: MemoryEngine) -> None:
    hot = HotBlocks(engine, most_bytes=BLOCK)
    file = await hot.stat(engine.add([MOVIE]).cid)
    with patch.object(engine, "cat", wraps=engine.cat) as cat:
        blocks = await asyncio.gather(*(hot.block(file, 0) for _ in range(50)))
    assert cat.call_count == 1
    assert {b"".join(pieces) for pieces in blocks} == {MOVIE[:BLOCK]}
    hot.close()


async def test_the_hot_cache_keeps_what_is_asked_for_again_within_its_bound(
    engine: MemoryEngine,
) -> None:
    hot = HotBlocks(engine, most_bytes=BLOCK + 20_000)
    file = await hot.stat(engine.add([MOVIE]).cid)
    with patch.object(engine, "cat", wraps=engine.cat) as cat:
        await hot.block(file, 0)
        assert hot.bytes == 0
        for _ in range(3):
            await hot.block(file, 0)
        assert cat.call_count == 2
        for _ in range(3):
            await hot.block(file, 2)
        assert (cat.call_count, hot.bytes) == (4, len(MOVIE) - BLOCK)
        await hot.block(file, 0)
        assert cat.call_count == 4
        for _ in range(2):
            await hot.block(file, 1)
        assert hot.bytes <= BLOCK + 20_000
    hot.close()


async def test_lifespan_checks_the_engine_and_hands_counts_over(
    engine: MemoryEngine, site: MemorySite, keyring: Keyring, uploads: Uploads
) -> None:
    async def live(gateway: Gateway) -> list[str]:
        said: list[str] = []
        events = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

        async def receive() -> dict[str, str]:
            await asyncio.sleep(0.05)
            return events.pop(0)

        async def send(message: object) -> None:
            said.append(message["type"])  # type: ignore[index]  # an ASGI message

        await gateway({"type": "lifespan"}, receive, send)
        return said

    gateway = Gateway(engine=engine, keyring=keyring, site=site.as_site(), uploads=uploads)
    assert await live(gateway) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    broken = Gateway(engine=engine, keyring=keyring, site=site.as_site(), uploads=uploads)
    with patch.object(engine, "selftest", side_effect=EngineDown("wrong CID")):
        assert await live(broken) == ["lifespan.startup.failed"]

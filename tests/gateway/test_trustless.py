"""Blocks and archives go to whom the door lets in, are counted, and stay within their bounds."""

from collections.abc import Callable
from io import BytesIO

import pytest

from gateway import Gateway, Uploads
from node_bridge import Cid, Keyring, Limits, MemoryEngine
from node_bridge import cid as cids
from node_bridge.car import Archive
from node_bridge.cid import DAG_PB, IDENTITY, ParsedCid
from node_bridge.dagpb import Link, encode
from node_bridge.unixfs import FOLDER, encode_file
from tests.gateway.asking import MemorySite, Reply, ask
from tests.gateway.conftest import MOVIE

Sign = Callable[..., str]
RAW = {"Accept": "application/vnd.ipld.raw"}


def archived(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.text
    return [str(key) for key, _ in Archive(BytesIO(reply.body)).blocks()]


def every_form(cid: Cid) -> list[str]:
    forms = ["", "/", "?format=raw", "?format=car", "?format=car&dag-scope=block", "?format=json"]
    return [f"/ipfs/{cid}{form}" for form in forms]


async def test_no_block_of_closed_content_is_given_by_its_own_cid(
    gateway: Gateway, root: Cid, engine: MemoryEngine
) -> None:
    absent = await ask(gateway, "GET", f"/ipfs/{cids.of(b'nobody has this')}")
    for cid in engine.blocks(root):
        for target in every_form(cid):
            for headers in ({}, RAW):
                reply = await ask(gateway, "GET", target, headers)
                assert (reply.status, reply.body) == (404, absent.body)


async def test_a_cid_that_carries_links_opens_nothing(
    gateway: Gateway, root: Cid, engine: MemoryEngine
) -> None:
    """Anyone can write a folder into a CID and name what is private in it."""
    closed = cids.parse(engine.stat(f"{root}/master.m3u8").cid)
    block = encode(FOLDER, [Link("x", 8, closed)])
    carrier = str(ParsedCid(DAG_PB, block, IDENTITY))

    for path in (carrier, f"{carrier}/x", f"{carrier}/"):
        for query in ("", "?format=raw", "?format=car"):
            assert (await ask(gateway, "GET", f"/ipfs/{path}{query}")).status == 404
    file = str(ParsedCid(DAG_PB, encode(b"\x08\x02\x12\x02hi\x18\x02", []), IDENTITY))
    assert (await ask(gateway, "GET", f"/ipfs/{file}")).body == b"hi"


async def test_what_is_private_and_what_is_not_here_look_the_same_to_caches(
    gateway: Gateway, root: Cid
) -> None:
    cached = {"Cache-Control": "only-if-cached"}
    private = await ask(gateway, "GET", f"/ipfs/{root}/movie.mp4", cached)
    absent = await ask(gateway, "GET", f"/ipfs/{cids.of(b'absent')}/movie.mp4", cached)
    assert private == absent
    assert (private.status, private.headers["x-refusal"]) == (412, "not-cached")


async def test_a_block_under_an_open_root_is_open(
    gateway: Gateway, root: Cid, engine: MemoryEngine, site: MemorySite
) -> None:
    movie = engine.stat(f"{root}/movie.mp4").cid
    leaves = list(engine.blocks(movie))
    site.door.open_parts.update(leaves)

    for cid in leaves:
        reply = await ask(gateway, "GET", f"/ipfs/{cid}?format=raw")
        assert (reply.status, reply.body) == (200, engine.get_block(cid))
    assert (await ask(gateway, "GET", f"/ipfs/{root}?format=raw")).status == 404


async def test_a_grant_opens_every_form_of_its_root_and_no_other(
    gateway: Gateway, root: Cid, engine: MemoryEngine, sign: Sign, site: MemorySite
) -> None:
    token = sign("read", root, key="viewer")
    leaf = engine.stat(f"{root}/master.m3u8").cid

    raw = await ask(gateway, "GET", f"/g/{token}/ipfs/{root}?format=raw")
    car = await ask(gateway, "GET", f"/g/{token}/ipfs/{root}/movie.mp4?format=car")
    elsewhere = await ask(gateway, "GET", f"/g/{token}/ipfs/{leaf}?format=raw")

    assert raw.body == engine.get_block(root)
    assert raw.headers["cache-control"].startswith("private, ")
    assert archived(car) == [root, *engine.blocks(engine.stat(f"{root}/movie.mp4").cid)]
    assert (elsewhere.status, elsewhere.headers["x-refusal"]) == (403, "link-for-elsewhere")
    assert gateway._counting._counts == {"viewer": len(raw.body) + len(car.body)}


async def test_only_what_is_sent_is_counted(gateway: Gateway, root: Cid, sign: Sign) -> None:
    token = sign("read", root, key="viewer")
    target = f"/g/{token}/ipfs/{root}"
    for query in ("?format=raw", "?format=car", "/?page=1"):
        await ask(gateway, "HEAD", target + query)
    part = await ask(gateway, "GET", f"{target}?format=raw", {"Range": "bytes=0-9"})
    assert (part.status, len(part.body)) == (206, 10)
    assert gateway._counting._counts == {"viewer": 10}


async def test_a_large_archive_comes_in_bouts(
    gateway: Gateway, open_root: Cid, engine: MemoryEngine
) -> None:
    reply = await ask(gateway, "GET", f"/ipfs/{open_root}?format=car")
    assert archived(reply) == list(engine.blocks(open_root))
    assert "content-length" not in reply.headers
    copy = MemoryEngine()
    assert copy.import_car(BytesIO(reply.body)) == (open_root,)
    assert b"".join(copy.cat(f"{open_root}/movie.mp4")) == MOVIE


async def test_damage_is_never_sent(gateway: Gateway, open_root: Cid, engine: MemoryEngine) -> None:
    digest = cids.parse(engine.stat(f"{open_root}/master.m3u8").cid).digest
    engine._blocks.held[digest] = b"something else"  # type: ignore[attr-defined]  # memory's own
    for query in ("?format=raw", "?format=car", ""):
        reply = await ask(gateway, "GET", f"/ipfs/{open_root}/master.m3u8{query}")
        assert (reply.status, reply.headers["x-refusal"]) == (502, "bad-bytes")


# Graphs made to hurt


@pytest.fixture
def small(site: MemorySite, keyring: Keyring, uploads: Uploads) -> tuple[Gateway, MemoryEngine]:
    """A gateway over a node with narrow bounds."""
    limits = Limits(walk_blocks=500, walk_bytes=1 << 20, entries=300, waiting=400, depth=16)
    engine = MemoryEngine(limits=limits)
    made = Gateway(engine=engine, keyring=keyring, site=site.as_site(), uploads=uploads)
    return made, engine


def bomb(engine: MemoryEngine, levels: int, width: int = 2) -> Cid:
    """A file of width ** levels bytes from one leaf of one byte."""
    key, size = cids.parse(engine.put_block(b"!")), 1
    for _ in range(levels):
        block = encode(encode_file(width * size, [size] * width), [Link("", size, key)] * width)
        key, size = cids.parse(engine.put_block(block, codec="dag-pb")), width * size
    return str(key)


async def test_a_graph_that_folds_out_is_sent_once_or_refused(
    small: tuple[Gateway, MemoryEngine], site: MemorySite
) -> None:
    gateway, engine = small
    cid = bomb(engine, 14)  # 2**15 blocks unfolded
    site.door.open_roots.add(cid)

    once = await ask(gateway, "GET", f"/ipfs/{cid}?format=car")
    again = await ask(gateway, "GET", f"/ipfs/{cid}?format=car&car-dups=y")
    file = await ask(gateway, "GET", f"/ipfs/{cid}?format=car&entity-bytes=0:0")

    assert len(archived(once)) == 15
    assert len(archived(file)) == 15
    assert (again.status, again.headers["x-refusal"]) == (413, "too-large")


async def test_a_file_that_folds_out_holds_no_thread(
    small: tuple[Gateway, MemoryEngine], site: MemorySite
) -> None:
    """Fifteen blocks, met 2**15 times: the archive of the whole file ends early, and soon."""
    gateway, engine = small
    cid = bomb(engine, 14)
    site.door.open_roots.add(cid)
    reply = await ask(gateway, "GET", f"/ipfs/{cid}?format=car&dag-scope=entity")
    assert (reply.status, reply.headers["x-refusal"]) == (413, "too-large")


async def test_a_graph_too_wide_is_refused(
    small: tuple[Gateway, MemoryEngine], site: MemorySite
) -> None:
    gateway, engine = small
    cid = bomb(engine, 1, 600)
    leaves = [Link("", 1, cids.parse(engine.put_block(b"%d" % n))) for n in range(450)]
    wide = engine.put_block(encode(encode_file(450, [1] * 450), leaves), codec="dag-pb")
    site.door.open_roots.update((cid, wide))

    assert len(archived(await ask(gateway, "GET", f"/ipfs/{cid}?format=car"))) == 2
    for target in (f"{cid}?format=car&car-dups=y", f"{wide}?format=car"):
        reply = await ask(gateway, "GET", f"/ipfs/{target}")
        assert (reply.status, reply.headers["x-refusal"]) == (413, "too-large")


async def test_a_file_too_deep_is_refused(
    small: tuple[Gateway, MemoryEngine], site: MemorySite
) -> None:
    gateway, engine = small
    cid = bomb(engine, 20, 1)
    site.door.open_roots.add(cid)
    for query in ("?format=car&dag-scope=entity", ""):
        reply = await ask(gateway, "GET", f"/ipfs/{cid}{query}")
        assert (reply.status, reply.headers["x-refusal"]) == (413, "too-large")


async def test_a_graph_too_heavy_is_refused(
    small: tuple[Gateway, MemoryEngine], site: MemorySite
) -> None:
    gateway, engine = small
    cid = engine.add([bytes(range(256)) * 8192]).cid
    site.door.open_roots.add(cid)
    reply = await ask(gateway, "GET", f"/ipfs/{cid}?format=car")
    assert (reply.status, reply.headers["x-refusal"]) == (413, "too-large")


async def test_a_document_too_deep_is_damage(
    gateway: Gateway, engine: MemoryEngine, site: MemorySite
) -> None:
    deep = b"\x81" * 2000 + b"\x80"
    key = str(cids.of(deep, cids.DAG_CBOR))
    engine.put_block(deep)
    site.door.open_roots.add(key)
    assert (await ask(gateway, "GET", f"/ipfs/{key}?format=raw")).body == deep
    for path in (f"{key}/0?format=raw", f"{key}?format=car"):
        reply = await ask(gateway, "GET", f"/ipfs/{path}")
        assert (reply.status, reply.headers["x-refusal"]) == (502, "bad-bytes")


@pytest.mark.parametrize(
    "text", ["Qm", "bafy", "z", "u" + "A" * 50, "b" + "a" * 300, "bafkrgq", "%00", "..", "bafkqaa!"]
)
async def test_what_is_no_cid_is_refused(gateway: Gateway, text: str) -> None:
    for query in ("", "?format=raw", "?format=car"):
        reply = await ask(gateway, "GET", f"/ipfs/{text}{query}")
        assert (reply.status, reply.headers["x-refusal"]) == (400, "malformed")

"""What is pinned stays, what is not goes, and archives carry both."""

from collections.abc import Callable
from io import BytesIO
from random import Random

import pytest

from node_bridge import (
    MAX_BLOCK,
    BadCar,
    BadCid,
    Corrupt,
    MemoryEngine,
    NodeEngine,
    NotFound,
    OverQuota,
    TooBig,
    Unsupported,
    varint,
)
from node_bridge import cid as cids
from node_bridge.car import write
from node_bridge.cid import IDENTITY, ParsedCid
from tests.node_bridge.contract.holding import held

MIB = 1024 * 1024
FILM = Random(10).randbytes(2 * MIB + 5)

Make = Callable[..., NodeEngine]


def archive(engine: NodeEngine, path: str) -> bytes:
    return b"".join(engine.export_car(path))


def named(engine: NodeEngine) -> set[tuple[str, str]]:
    return {(pin.cid, pin.name) for pin in engine.pins()}


def test_pins_have_names(engine: NodeEngine) -> None:
    film = engine.add([FILM], pin="video:a").cid
    other = engine.add([b"other"]).cid

    first = engine.pin(film, name="video:b")
    engine.pin(other)

    assert named(engine) == {(film, "video:a"), (film, "video:b"), (other, "")}
    assert engine.pin(film, name="video:b") == first
    assert [pin.cid for pin in engine.pins(name="video:a")] == [film]
    assert {pin.name for pin in engine.pins(cid="B" + film[1:].upper())} == {"video:a", "video:b"}
    assert first.created.tzinfo is not None


def test_letting_go_twice_is_no_error(engine: NodeEngine) -> None:
    film = engine.add([FILM], pin="a").cid
    engine.pin(film, name="b")

    engine.unpin(film, name="a")
    engine.unpin(film, name="a")
    assert named(engine) == {(film, "b")}
    engine.pin(film, name="c")
    engine.unpin(film)
    engine.unpin(film)
    assert named(engine) == set()


def test_an_incomplete_graph_cannot_be_pinned(engine: NodeEngine) -> None:
    whole = MemoryEngine()
    cid = whole.add([FILM]).cid
    engine.put_block(whole.get_block(cid), codec="dag-pb")
    engine.put_block(FILM[:MIB])

    with pytest.raises(NotFound):
        engine.pin(cid, name="film")

    assert named(engine) == set()
    assert engine.has(cid)
    assert not engine.has(cid, recursive=True)
    assert len(list(engine.verify(cid))) == 2


def test_sweeping_frees_all_that_no_pin_holds(engine: NodeEngine) -> None:
    film = engine.add([FILM]).cid
    kept = engine.add_dir({"a/film": film}, pin="folder")
    loose = engine.add([FILM[:MIB], b"another end"])
    before = held(engine)

    assert engine.gc(dry_run=True) == loose.dag_size - MIB
    assert held(engine) == before
    assert engine.gc() == loose.dag_size - MIB
    assert engine.gc() == 0

    assert held(engine).used == kept.dag_size
    assert engine.has(kept.cid, recursive=True)
    assert b"".join(engine.cat(f"{kept.cid}/a/film")) == FILM
    assert not engine.has(loose.cid)
    with pytest.raises(NotFound):
        engine.stat(loose.cid)


def test_a_graph_goes_with_its_last_name(engine: NodeEngine) -> None:
    film = engine.add([FILM], pin="a").cid
    engine.pin(film, name="b")

    engine.unpin(film, name="a")
    assert engine.gc() == 0
    engine.unpin(film, name="b")
    assert engine.gc() > len(FILM)
    assert held(engine) == (0, 0)


def test_graphs_travel_between_engines(make: Make) -> None:
    here, there = make(), make()
    root = here.add_dir({"film": here.add([FILM]).cid, "b": here.add([FILM]).cid, "e": "bafkqaaa"})

    roots = there.import_car(BytesIO(archive(here, root.cid)), pin="moved")

    assert roots == (root.cid,)
    assert named(there) == {(root.cid, "moved")}
    assert held(there).used == held(here).used
    assert b"".join(there.cat(f"{root.cid}/film")) == FILM
    assert archive(there, root.cid) == archive(here, root.cid)


def test_a_part_is_exported_by_its_path(engine: NodeEngine) -> None:
    root = engine.add_dir({"a/words": engine.add([b"words"]).cid}).cid
    other = MemoryEngine()

    (cid,) = other.import_car(BytesIO(archive(engine, f"{root}/a/words")))

    assert b"".join(other.cat(cid)) == b"words"
    assert b"".join(other.cat(f"{root}/a/words")) == b"words"  # the way there comes with it
    assert held(other).blocks == 3


def test_an_incomplete_graph_is_not_exported(engine: NodeEngine) -> None:
    whole = MemoryEngine()
    cid = whole.add([FILM]).cid
    engine.put_block(whole.get_block(cid), codec="dag-pb")
    with pytest.raises(NotFound):
        engine.export_car(cid)


SOURCE = MemoryEngine()
ROOT = SOURCE.add([FILM]).cid
CAR = archive(SOURCE, ROOT)
HEADER = CAR[: CAR[0] + 1]
V2 = b"\x0a\xa1\x67version\x02"
LONG_ROOT = b"".join(write([ParsedCid(cids.RAW, bytes(100), IDENTITY)], []))


def section(key: bytes, data: bytes) -> bytes:
    return varint.encode(len(key) + len(data)) + key + data


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", BadCar),
        (b"\x00", BadCar),
        (b"GIF89a", BadCar),
        (V2 + bytes(40), BadCar),
        (CAR[:-1], BadCar),
        (CAR[: len(HEADER) + 1], BadCar),
        (HEADER[:-3], BadCar),
        (CAR[:-1] + bytes([CAR[-1] ^ 1]), Corrupt),
        (HEADER + section(bytes(cids.of(b"a")), b"b"), Corrupt),
        (HEADER + section(bytes(ParsedCid(cids.RAW, b"a", IDENTITY)), b"b"), Corrupt),
        (HEADER + section(b"\x01\x55\x13\x40" + bytes(64), b""), Corrupt),  # sha2-512
        (HEADER + section(b"\x01\x55\x14\x40" + bytes(64), b""), BadCar),  # sha3-512
        (HEADER + section(bytes(cids.of(b"")), bytes(MAX_BLOCK + 1)), TooBig),
        (HEADER + b"\xff\xff\xff\xff\x7f", TooBig),
        (HEADER + b"\xff" * 10, BadCar),
        (b"\xff\xff\xff\x7f", TooBig),
        (HEADER.replace(b"version\x01", b"version\x03"), BadCar),
        (HEADER.replace(b"\xd8\x2a", b"\xd8\x2b"), BadCar),
        (HEADER.replace(b"\x58\x25\x00", b"\x58\x25\x01"), BadCar),
        (HEADER.replace(b"roots\x81", b"roots\x82"), BadCar),
        (HEADER.replace(b"roots\x81", b"roots\x80"), BadCar),
        (HEADER.replace(b"\x12\x20", b"\x13\x20"), BadCid),
    ],
)
def test_bad_archives_are_refused_whole(
    engine: NodeEngine, data: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        engine.import_car(BytesIO(data), pin="import")
    assert held(engine) == (0, 0)
    assert named(engine) == set()


def test_archives_are_bounded_by_bytes_and_quota(make: Make) -> None:
    engine = make(quota=MIB)
    with pytest.raises(OverQuota):
        engine.import_car(BytesIO(CAR))
    assert held(engine) == (0, 0)

    engine = make()
    with pytest.raises(TooBig):
        engine.import_car(BytesIO(CAR), max_bytes=len(CAR) - 1)
    assert held(engine) == (0, 0)
    assert engine.import_car(BytesIO(CAR), max_bytes=len(CAR)) == (ROOT,)


def test_an_archive_of_unknown_nodes_is_stored_and_not_pinned(engine: NodeEngine) -> None:
    tree = ParsedCid(0x78, cids.of(b"tree 0").digest)  # git-raw
    data = b"".join(write([tree], [(tree, b"tree 0")]))

    with pytest.raises(Unsupported):
        engine.import_car(BytesIO(data), pin="source")

    assert named(engine) == set()
    assert engine.import_car(BytesIO(data)) == (str(tree),)
    assert engine.get_block(str(tree)) == b"tree 0"


def test_headers_with_many_or_long_roots() -> None:
    engine = MemoryEngine()
    many = [cids.of(b"%d" % number) for number in range(300)]
    assert engine.import_car(BytesIO(b"".join(write(many, [])))) == tuple(map(str, many))
    assert engine.import_car(BytesIO(LONG_ROOT))[0].startswith("b")

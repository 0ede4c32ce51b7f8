"""What was stored is read back: whole, in ranges, by path, verified."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node_bridge import (
    BadBlock,
    BadCid,
    BadPath,
    Limits,
    MemoryEngine,
    NodeEngine,
    NotAFile,
    NotAFolder,
    NotFound,
    TooBig,
)
from node_bridge import cid as cids
from node_bridge.cid import DAG_PB, IDENTITY, RAW, ParsedCid
from node_bridge.dagpb import Link, encode
from node_bridge.unixfs import FOLDER, encode_file
from tests.node_bridge.contract.holding import held

MIB = 1024 * 1024
FILM = Random(7).randbytes(3 * MIB + 17)
ABSENT = str(cids.of(b"nobody stored this"))
EDGES = sorted({edge + step for edge in (0, MIB, 2 * MIB, len(FILM)) for step in (-1, 0, 1)})


def read(engine: NodeEngine, path: str, offset: int = 0, length: int | None = None) -> bytes:
    return b"".join(engine.cat(path, offset, length))


def put_node(engine: NodeEngine, data: bytes, links: list[Link]) -> ParsedCid:
    return cids.parse(engine.put_block(encode(data, links), codec="dag-pb"))


def test_an_engine_is_a_node_engine(engine: NodeEngine) -> None:
    assert isinstance(engine, NodeEngine)
    assert engine.info().profile == "unixfs-v1-2025"
    engine.selftest()
    assert held(engine).blocks == 0


def test_a_whole_file(engine: NodeEngine) -> None:
    added = engine.add([FILM])

    assert read(engine, added.cid) == FILM
    assert added.size == engine.stat(added.cid).size == len(FILM)
    assert added.dag_size == engine.stat(added.cid).dag_size == held(engine).used
    assert added.blocks == added.new_blocks == 5


def test_pieces_are_small(engine: NodeEngine) -> None:
    pieces = list(engine.cat(engine.add([FILM]).cid))

    assert [len(piece) for piece in pieces] == [MIB, MIB, MIB, 17]
    assert all(isinstance(piece, bytes) for piece in pieces)


@pytest.mark.parametrize("offset", [edge for edge in EDGES if edge >= 0])
def test_ranges_at_the_edges_of_blocks(engine: NodeEngine, offset: int) -> None:
    cid = engine.add([FILM]).cid
    for length in (None, 0, 1, 2, MIB - 1, MIB, MIB + 1, len(FILM), 10 * len(FILM)):
        end = None if length is None else offset + length
        assert read(engine, cid, offset, length) == FILM[offset:end]


SMALL = MemoryEngine()
SMALL_CID = SMALL.add([FILM]).cid


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.integers(0, len(FILM) + 9), st.none() | st.integers(0, len(FILM) + 9))
def test_a_range_is_a_slice(offset: int, length: int | None) -> None:
    end = None if length is None else offset + length
    assert read(SMALL, SMALL_CID, offset, length) == FILM[offset:end]


@pytest.mark.parametrize(("offset", "length"), [(-1, None), (0, -1)])
def test_negative_ranges_are_a_mistake(engine: NodeEngine, offset: int, length: int) -> None:
    cid = engine.add([b"x"]).cid
    with pytest.raises(ValueError, match="negative"):
        engine.cat(cid, offset, length)


def test_a_range_reads_no_leaf_before_it(engine: NodeEngine) -> None:
    """Only the root and the second leaf are in this node: a range inside it is served."""
    whole = MemoryEngine()
    cid = whole.add([FILM]).cid
    engine.put_block(whole.get_block(cid), codec="dag-pb")
    engine.put_block(FILM[MIB : 2 * MIB])

    assert read(engine, cid, MIB, MIB) == FILM[MIB : 2 * MIB]
    assert read(engine, cid, MIB + 5, 7) == FILM[MIB + 5 : MIB + 12]
    with pytest.raises(NotFound):
        read(engine, cid, MIB - 1, 2)


def test_paths_lead_through_folders(engine: NodeEngine) -> None:
    film, words = engine.add([FILM]), engine.add([b"WEBVTT"])
    root = engine.add_dir({"720p/film.mp4": film.cid, "es.vtt": words.cid, "ñ/a": words.cid})

    assert read(engine, f"{root.cid}/720p/film.mp4", 5, 5) == FILM[5:10]
    assert read(engine, f"{root.cid}/ñ/a") == b"WEBVTT"
    assert engine.stat(f"{root.cid}/es.vtt").cid == words.cid
    assert engine.stat(f"{root.cid}/720p/").kind == "dir"
    assert engine.stat(root.cid).dag_size == root.dag_size == held(engine).used + 6
    listed = {entry.name: entry.cid for entry in engine.ls(root.cid)}
    assert listed == {name: engine.stat(f"{root.cid}/{name}").cid for name in listed}
    assert sorted(listed) == ["720p", "es.vtt", "ñ"]


def test_paths_that_lead_nowhere(engine: NodeEngine) -> None:
    file = engine.add([FILM]).cid
    root = engine.add_dir({"a/b": file, "raw": engine.add([b"raw"]).cid}).cid

    for path in (f"{root}/c", f"{root}/a/c", f"{root}/a/b/c", f"{root}/raw/c", f"{file}/0", ABSENT):
        with pytest.raises(NotFound):
            engine.stat(path)
        with pytest.raises(NotFound):
            engine.cat(path)
    for path in (f"{root}//a", f"{root}/.", f"{root}/../a", f"{root}/a\0", f"{root}" + "/a" * 65):
        with pytest.raises(BadPath):
            engine.stat(path)
    with pytest.raises(NotAFile):
        engine.cat(f"{root}/a")
    for path in (file, f"{root}/raw"):
        with pytest.raises(NotAFolder):
            engine.ls(path)


NO_CIDS = ["", "nonsense", "Qm", "bafk", "bafkreifzjut3", "z" * 300, "/", "\0"]


@pytest.mark.parametrize("text", NO_CIDS)
@pytest.mark.parametrize(
    "ask",
    [
        lambda engine, text: engine.stat(text),
        lambda engine, text: engine.cat(text),
        lambda engine, text: engine.ls(text),
        lambda engine, text: engine.has(text),
        lambda engine, text: engine.get_block(text),
        lambda engine, text: engine.pin(text),
        lambda engine, text: engine.unpin(text),
        lambda engine, text: list(engine.pins(cid=text)),
        lambda engine, text: list(engine.verify(text)),
        lambda engine, text: engine.export_car(text),
        lambda engine, text: engine.add_dir({"a": text}),
        lambda engine, text: engine.put_block(b"x", expect=text),
    ],
)
def test_what_is_no_cid_is_refused_everywhere(
    engine: NodeEngine, text: str, ask: Callable[[NodeEngine, str], object]
) -> None:
    with pytest.raises(BadCid):
        ask(engine, text)
    assert held(engine).blocks == 0
    assert list(engine.pins()) == []


def test_other_writings_of_a_cid_find_the_same(engine: NodeEngine) -> None:
    cid = engine.add([FILM]).cid

    assert engine.stat("B" + cid[1:].upper()) == engine.stat(cid)
    assert engine.has("B" + cid[1:].upper(), recursive=True)


def test_the_cid_decides_what_bytes_mean(engine: NodeEngine) -> None:
    """A file whose bytes are a folder's block stays a file."""
    folder = engine.add_dir({"a": engine.add([b"hidden"]).cid}).cid
    block = engine.get_block(folder)

    file = engine.add([block]).cid

    assert engine.stat(file).kind == "file"
    assert read(engine, file) == block
    with pytest.raises(NotAFolder):
        engine.ls(file)


def test_inline_cids_carry_their_bytes(engine: NodeEngine) -> None:
    inline = str(ParsedCid(RAW, b"tiny", IDENTITY))

    assert read(engine, inline) == b"tiny"
    assert read(engine, inline, 1, 2) == b"in"
    assert engine.has(inline, recursive=True)
    assert engine.get_block("bafkqaaa") == b""
    root = engine.add_dir({"tiny.txt": inline}).cid
    assert read(engine, f"{root}/tiny.txt") == b"tiny"


def test_a_symlink_is_described_and_not_followed(engine: NodeEngine) -> None:
    target = engine.add([b"x"]).cid
    link = put_node(engine, b"\x08\x04\x12\x06target", [])
    root = engine.add_dir({"link": str(link), "target": target}).cid

    stat = engine.stat(f"{root}/link")

    assert (stat.kind, stat.target, stat.size) == ("symlink", "target", 6)
    with pytest.raises(NotAFile):
        engine.cat(f"{root}/link")
    with pytest.raises(NotFound):
        engine.stat(f"{root}/link/x")


def test_a_leaf_shorter_or_longer_than_its_parent_says_is_refused(engine: NodeEngine) -> None:
    leaf = cids.parse(engine.put_block(b"12345"))
    for claimed in (4, 6):
        lying = put_node(engine, encode_file(claimed, [claimed]), [Link("", 5, leaf)])
        with pytest.raises(BadBlock):
            read(engine, str(lying))
    inner = put_node(engine, encode_file(5, [5]), [Link("", 5, leaf)])
    lying = put_node(engine, encode_file(6, [6]), [Link("", 5, inner)])
    with pytest.raises(BadBlock):
        read(engine, str(lying))


def test_a_folder_is_no_part_of_a_file(engine: NodeEngine) -> None:
    folder = cids.parse(engine.add_dir({}).cid)
    with pytest.raises(BadBlock):
        read(engine, str(put_node(engine, encode_file(1, [1]), [Link("", 4, folder)])))


def test_blocks_that_are_not_of_unixfs_are_whole_or_nothing(engine: NodeEngine) -> None:
    engine.put_block(b"\xa0")
    cbor = str(ParsedCid(0x71, cids.of(b"\xa0").digest))

    assert engine.get_block(cbor) == b"\xa0"
    assert (engine.stat(cbor).kind, engine.stat(cbor).size) == ("block", 1)
    with pytest.raises(NotAFile):
        engine.cat(cbor)
    with pytest.raises(NotAFolder):
        engine.ls(cbor)


def bomb(engine: NodeEngine, levels: int) -> ParsedCid:
    """A file of 2**levels bytes from one leaf of one byte."""
    key, size = cids.parse(engine.put_block(b"!")), 1
    for _ in range(levels):
        key = put_node(engine, encode_file(2 * size, [size, size]), [Link("", size, key)] * 2)
        size *= 2
    return key


def test_a_bomb_of_shared_children_costs_no_more_than_is_read(
    make: Callable[..., NodeEngine],
) -> None:
    engine = make()
    root = str(bomb(engine, 40))

    assert engine.stat(root).size == 2**40
    assert read(engine, root, 2**39 - 2, 5) == b"!!!!!"
    assert engine.has(root, recursive=True)
    assert len(b"".join(engine.export_car(root))) < 10_000
    assert list(engine.verify(root)) == []


def test_depth_and_width_are_bounded(make: Callable[..., NodeEngine]) -> None:
    engine = make(limits=Limits(walk_blocks=20, depth=8))
    deep = str(bomb(engine, 9))
    with pytest.raises(TooBig):
        read(engine, deep)
    assert engine.has(deep, recursive=True)

    wide = engine.add_dir({str(n): engine.add([b"%d" % n]).cid for n in range(21)}).cid
    for ask in (lambda: engine.pin(wide), lambda: engine.export_car(wide)):
        with pytest.raises(TooBig):
            ask()
    assert list(engine.pins()) == []


def test_bytes_walked_are_bounded(make: Callable[..., NodeEngine]) -> None:
    engine = make(limits=Limits(walk_bytes=2 * MIB))
    cid = engine.add([FILM]).cid
    with pytest.raises(TooBig):
        engine.pin(cid)
    assert read(engine, cid) == FILM


def test_a_claim_of_many_empty_parts_ends_at_once(engine: NodeEngine) -> None:
    empty = cids.parse(engine.put_block(b""))
    node = put_node(engine, encode_file(0, [0] * 1000), [Link("", 0, empty)] * 1000)
    for _ in range(30):
        node = put_node(engine, encode_file(0, [0, 0]), [Link("", 0, node)] * 2)

    assert read(engine, str(node)) == b""


def test_a_folder_is_listed_as_it_is_written(engine: NodeEngine) -> None:
    leaf = cids.parse(engine.put_block(b"x"))
    root = put_node(engine, FOLDER, [Link("b", 1, leaf), Link("a", 1, leaf)])

    assert [entry.name for entry in engine.ls(str(root))] == ["b", "a"]
    assert root.codec == DAG_PB

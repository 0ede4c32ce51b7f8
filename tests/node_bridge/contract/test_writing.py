"""Adding stores all of it, once, under its CID, or nothing at all."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from random import Random

import pytest

from node_bridge import (
    MAX_BLOCK,
    BadBlock,
    Corrupt,
    EngineDown,
    NodeEngine,
    NotFound,
    OverQuota,
    TooBig,
    Unsupported,
)
from node_bridge import cid as cids
from node_bridge.dagpb import encode
from node_bridge.kubo import KuboEngine
from node_bridge.unixfs import FOLDER
from tests.node_bridge.contract.holding import held

MIB = 1024 * 1024
FILM = Random(8).randbytes(2 * MIB + 5)
ABSENT = str(cids.of(b"nobody stored this"))

Make = Callable[..., NodeEngine]


def is_empty(engine: NodeEngine) -> bool:
    return (held(engine), list(engine.pins())) == ((0, 0), [])


def test_every_source_gives_the_same_file(engine: NodeEngine) -> None:
    pieces = [FILM[place : place + 70_000] for place in range(0, len(FILM), 70_000)]
    added = [engine.add(BytesIO(FILM)), engine.add(pieces), engine.add(iter(pieces))]

    assert len({each.cid for each in added}) == 1
    assert [each.new_blocks for each in added] == [4, 0, 0]


def test_equal_blocks_are_stored_once(engine: NodeEngine) -> None:
    added = engine.add([bytes(MIB)] * 5)

    assert (added.blocks, added.new_blocks) == (6, 2)
    assert held(engine).blocks == 2
    assert b"".join(engine.cat(added.cid)) == bytes(5 * MIB)


def test_only_hashing_stores_nothing(engine: NodeEngine) -> None:
    dry = engine.add([FILM], only_hash=True)

    assert is_empty(engine)
    assert not engine.has(dry.cid)
    assert engine.add([FILM]).cid == dry.cid


def test_an_empty_file(engine: NodeEngine) -> None:
    added = engine.add([])

    assert (added.size, engine.stat(added.cid).size) == (0, 0)
    assert list(engine.cat(added.cid)) in ([], [b""])


def test_past_the_bound_nothing_stays(engine: NodeEngine) -> None:
    with pytest.raises(TooBig):
        engine.add([FILM], max_bytes=len(FILM) - 1)
    assert is_empty(engine)
    assert engine.add([FILM], max_bytes=len(FILM)).size == len(FILM)


def test_a_source_that_breaks_leaves_nothing(engine: NodeEngine) -> None:
    def breaking() -> Iterator[bytes]:
        yield FILM
        raise ConnectionResetError("the client went away")

    with pytest.raises(ConnectionResetError):
        engine.add(breaking(), pin="film")
    assert is_empty(engine)


def test_past_the_quota_nothing_stays(make: Make) -> None:
    engine = make(quota=3 * MIB)
    kept = engine.add([FILM])
    before = held(engine)

    with pytest.raises(OverQuota):
        engine.add([FILM[:MIB], Random(9).randbytes(2 * MIB)], pin="more")

    assert held(engine) == before
    assert list(engine.pins()) == []
    assert b"".join(engine.cat(kept.cid)) == FILM
    assert engine.add([FILM]).new_blocks == 0  # what is here already needs no room
    assert engine.repo_stat().limit == 3 * MIB


def test_the_quota_is_used_to_the_last_byte(make: Make) -> None:
    """Where it counts blocks; Kubo's is for its disk, with what its databases take."""
    engine = make(quota=1000)
    if isinstance(engine, KuboEngine):
        with pytest.raises(OverQuota):
            engine.put_block(b"!")
        assert is_empty(engine)
        return
    engine.put_block(bytes(600))
    engine.put_block(bytes(400))
    with pytest.raises(OverQuota):
        engine.put_block(b"!")
    assert held(engine).used == 1000


def test_a_folder_of_what_is_not_here_is_refused(engine: NodeEngine) -> None:
    with pytest.raises(NotFound):
        engine.add_dir({"a": ABSENT}, pin="folder")
    with pytest.raises(NotFound):
        engine.add_dir({"a": str(cids.ParsedCid(cids.DAG_PB, bytes(32)))})
    assert is_empty(engine)


def test_a_folder_is_the_same_in_any_order(engine: NodeEngine) -> None:
    a, b = engine.add([b"a"]).cid, engine.add([b"b"]).cid

    made = engine.add_dir({"x/a": a, "b": b})

    assert engine.add_dir({"b": b, "x/a": a}).cid == made.cid
    assert (made.size, made.blocks) == (2, 2)


def test_a_folder_too_large_for_one_block_is_refused(engine: NodeEngine) -> None:
    cid = engine.add([b"a"]).cid
    before = held(engine)
    with pytest.raises(TooBig):
        engine.add_dir({f"{number:0250}": cid for number in range(1000)})
    assert held(engine) == before


def test_blocks_go_in_and_out(engine: NodeEngine) -> None:
    raw = engine.put_block(b"hello world")
    folder = engine.put_block(encode(FOLDER, []), codec="dag-pb")

    assert engine.get_block(raw) == b"hello world"
    assert engine.get_block(folder) == encode(FOLDER, [])
    assert engine.stat(folder).kind == "dir"
    assert engine.put_block(b"hello world", expect=raw) == raw
    with pytest.raises(NotFound):
        engine.get_block(ABSENT)


@pytest.mark.parametrize(
    ("data", "asked", "refusal"),
    [
        (bytes(MAX_BLOCK + 1), {}, TooBig),
        (b"not a node", {"codec": "dag-pb"}, BadBlock),
        (b"tree 0", {"codec": "git-raw"}, Unsupported),
        (b"{", {"codec": "dag-json"}, BadBlock),
        (b"\xa1", {"codec": "dag-cbor"}, BadBlock),
        (b"other bytes", {"expect": ABSENT}, Corrupt),
    ],
)
def test_wrong_blocks_are_refused(
    engine: NodeEngine, data: bytes, asked: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        engine.put_block(data, **asked)
    assert is_empty(engine)


def test_the_largest_block_is_taken(engine: NodeEngine) -> None:
    cid = engine.put_block(bytes(MAX_BLOCK))
    assert engine.get_block(cid) == bytes(MAX_BLOCK)


def test_many_threads_add_at_once(engine: NodeEngine) -> None:
    bodies = [Random(seed % 4).randbytes(MIB + 1) for seed in range(12)]

    with ThreadPoolExecutor(6) as pool:
        added = list(pool.map(lambda body: engine.add([body]), bodies))

    for body, made in zip(bodies, added, strict=True):
        assert b"".join(engine.cat(made.cid)) == body
    assert held(engine).blocks == 12
    assert held(engine).used == sum(made.dag_size for made in added) // 3
    assert list(engine.verify()) == []


def test_a_wrong_self_test_stops_the_engine(
    engine: NodeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node_bridge.building.WIDTH", 1024)
    engine.selftest()
    monkeypatch.setattr("node_bridge.building.LEAF", 262_144)  # the profile of 2015
    with pytest.raises(EngineDown, match="self-test"):
        engine.selftest()

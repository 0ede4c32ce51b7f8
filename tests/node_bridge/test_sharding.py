"""Sharded folders, as others make them, are read: by name and as a list."""

from pathlib import Path

import pytest

from node_bridge import BadBlock, Limits, MemoryEngine, NotFound, TooBig, murmur3
from node_bridge import cid as cids
from node_bridge.dagpb import Link, encode

# 300 files, name-<i>.txt holding "body <i % 10>", made by ipfs-unixfs-importer 17.1.1.
ARCHIVE = Path(__file__).parent / "data" / "sharded-folder.car"
ROOT = "bafybeiaskkq2hz36sqqsphtfzq7z4e3g5wz2pcmbehk5rzwmp6ohfodfhu"
SHARD = b"\x08\x05\x28\x22\x30\x80\x02"


def engine_with_folder(limits: Limits | None = None) -> MemoryEngine:
    engine = MemoryEngine(limits=limits)
    with ARCHIVE.open("rb") as archive:
        assert engine.import_car(archive, pin="sharded") == (ROOT,)
    return engine


def test_every_name_is_found() -> None:
    engine = engine_with_folder()

    assert engine.stat(ROOT).kind == "dir"
    for number in range(300):
        body = b"".join(engine.cat(f"{ROOT}/name-{number}.txt"))
        assert body == b"body %d" % (number % 10)


def test_every_name_is_listed_once() -> None:
    listed = [entry.name for entry in engine_with_folder().ls(ROOT)]

    assert sorted(listed) == sorted(f"name-{number}.txt" for number in range(300))


@pytest.mark.parametrize("name", ["name-300.txt", "00", "00name-1.txt", "x"])
def test_other_names_are_not_there(name: str) -> None:
    with pytest.raises(NotFound):
        engine_with_folder().stat(f"{ROOT}/{name}")


def test_listing_stops_at_its_bound() -> None:
    engine = engine_with_folder(Limits(entries=100))
    with pytest.raises(TooBig):
        list(engine.ls(ROOT))


def test_a_shard_that_holds_itself_over_and_over_is_bounded() -> None:
    """Two links to one child at each of 40 levels: 2**40 ways down."""
    engine = MemoryEngine()
    child = engine.put_block(encode(SHARD, []), codec="dag-pb")
    for _ in range(40):
        two = [Link(slot, 1, cids.parse(child)) for slot in ("00", "01")]
        child = engine.put_block(encode(SHARD, two), codec="dag-pb")

    with pytest.raises(TooBig):
        list(engine.ls(child))
    with pytest.raises(NotFound):
        engine.stat(f"{child}/anything")
    assert engine.has(child, recursive=True)


def test_a_part_that_is_no_shard_is_refused() -> None:
    engine = MemoryEngine()
    leaf = cids.parse(engine.put_block(b"raw"))
    root = engine.put_block(encode(SHARD, [Link("00", 1, leaf)]), codec="dag-pb")

    with pytest.raises(BadBlock):
        list(engine.ls(root))


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (b"", "0000000000000000"),
        (b"hello", "cbd8a7b341bd9b02"),
        (b"The quick brown fox jumps over the lazy dog", "e34bbc7bbc071b6c"),
    ],
)
def test_murmur3_vectors(text: bytes, digest: str) -> None:
    assert murmur3.digest(text).hex() == digest

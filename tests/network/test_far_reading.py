"""An engine that reads from the network what it lacks, and ahead of who reads on."""

from contextlib import closing
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from node_bridge import EmbeddedEngine, MemoryEngine, NodeEngine, NotFound, cid
from node_bridge.dagpb import Link, encode
from node_bridge.network.fetching import Fetcher
from node_bridge.network.providers import Provider
from node_bridge.network_engine import NetworkEngine
from node_bridge.unixfs import encode_file
from tests.network.conftest import Fetching, Started
from tests.network.peers import LOOPBACK, Peer, honest, wait_for

MIB = 1 << 20
SIZE = 30 * MIB + 7
FILM = Random(4).randbytes(SIZE)


@pytest.fixture(scope="module")
def there() -> MemoryEngine:
    """What another node has: a folder with a film of 31 blocks in it."""
    engine = MemoryEngine()
    film = engine.add([FILM]).cid
    engine.add_dir({"film.mp4": film, "words/en.vtt": engine.add([b"WEBVTT"]).cid}, pin="folder")
    return engine


@pytest.fixture
def root(there: MemoryEngine) -> str:
    return next(iter(there.pins(name="folder"))).cid


@pytest.fixture
def node(peer: Started, there: MemoryEngine) -> Peer:
    return peer(honest(there))


@pytest.fixture
def far(engine: MemoryEngine, node: Peer, fetching: Fetching) -> NetworkEngine:
    return NetworkEngine(engine, fetching([node.provider()]))


def asked(node: Peer) -> list[str]:
    return [each.cid for each in node.asked]


def leaves(there: MemoryEngine, root: str) -> list[str]:
    film = there.stat(f"{root}/film.mp4").cid
    return [cid for cid in there.blocks(film) if cid.startswith("bafk")]


def test_it_is_a_node_engine(far: NetworkEngine) -> None:
    assert isinstance(far, NodeEngine)
    far.selftest()


def test_the_own_store_comes_first(
    far: NetworkEngine, engine: MemoryEngine, there: MemoryEngine, root: str, node: Peer
) -> None:
    engine.import_car(BytesIO(b"".join(there.export_car(root))))
    assert b"".join(far.cat(f"{root}/film.mp4")) == FILM
    assert node.asked == []


def test_a_file_of_tiny_leaves_is_not_gone_through_ahead(
    engine: MemoryEngine, fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million bytes, each a leaf that is here: ten of them are read, and few looked at."""
    key, size = cid.parse(engine.put_block(b"!")), 1
    for _ in range(2):
        node = encode(encode_file(1000 * size, [size] * 1000), [Link("", size, key)] * 1000)
        key, size = cid.parse(engine.put_block(node, codec="dag-pb")), 1000 * size
    looked: list[str] = []
    has = engine.has

    def look(name: str) -> bool:
        looked.append(name)
        return has(name)

    monkeypatch.setattr(engine, "has", look)
    read = NetworkEngine(engine, fetching([])).cat(str(key), 0, 10)
    assert b"".join(read) == b"!" * 10
    assert len(looked) < 5_000


def test_what_is_missing_comes_from_the_network(far: NetworkEngine, root: str) -> None:
    assert [entry.name for entry in far.ls(root)] == ["film.mp4", "words"]
    assert far.stat(f"{root}/film.mp4").size == SIZE
    assert b"".join(far.cat(f"{root}/words/en.vtt")) == b"WEBVTT"
    assert b"".join(far.cat(f"{root}/film.mp4")) == FILM


def test_nothing_is_written_by_reading(far: NetworkEngine, engine: MemoryEngine, root: str) -> None:
    assert b"".join(far.cat(f"{root}/film.mp4")) == FILM
    assert engine.repo_stat().blocks == 0
    assert not far.has(root)


@pytest.mark.parametrize(
    ("offset", "length"),
    [
        (0, 1),
        (MIB - 1, 2),
        (MIB, MIB),
        (5 * MIB + 3, 3 * MIB),
        (SIZE - 1, 10),
        (SIZE, 10),
        (SIZE + 5, None),
        (0, 0),
    ],
)
def test_ranges_are_the_bytes_they_say(
    far: NetworkEngine, root: str, offset: int, length: int | None
) -> None:
    stop = None if length is None else offset + length
    assert b"".join(far.cat(f"{root}/film.mp4", offset, length)) == FILM[offset:stop]


def test_a_range_in_the_middle_brings_its_own_blocks_and_no_others(
    far: NetworkEngine, there: MemoryEngine, root: str, node: Peer
) -> None:
    film = leaves(there, root)
    b"".join(far.cat(f"{root}/film.mp4", 10 * MIB + 5, 2 * MIB))
    assert set(asked(node)) & set(film) == set(film[10:13])


def test_who_reads_on_finds_the_next_blocks_there(
    far: NetworkEngine, there: MemoryEngine, root: str, node: Peer
) -> None:
    film = leaves(there, root)

    def reached() -> int:
        return max(film.index(cid) for cid in asked(node) if cid in film)

    b"".join(far.cat(f"{root}/film.mp4", 0, MIB))
    assert reached() <= 4  # who has just come may leave again
    for number in range(1, 12):
        piece = b"".join(far.cat(f"{root}/film.mp4", number * MIB, MIB))
        assert piece == FILM[number * MIB : (number + 1) * MIB]
    wait_for(lambda: reached() >= 11 + 12)  # the window has grown
    assert reached() <= 12 + 16
    assert len(asked(node)) == len(set(asked(node)))


def test_who_jumps_begins_with_a_small_window(
    far: NetworkEngine, there: MemoryEngine, root: str, node: Peer
) -> None:
    film = leaves(there, root)
    for number in range(3):
        b"".join(far.cat(f"{root}/film.mp4", number * MIB, MIB))
    b"".join(far.cat(f"{root}/film.mp4", 28 * MIB, MIB))
    places = {film.index(cid) for cid in asked(node) if cid in film}
    assert not places & set(range(12, 28))
    assert 29 not in places


def test_two_who_read_one_film_do_not_take_each_other_for_one(
    far: NetworkEngine, there: MemoryEngine, root: str, node: Peer
) -> None:
    film = leaves(there, root)
    for number in range(4):
        b"".join(far.cat(f"{root}/film.mp4", number * MIB, MIB))
        b"".join(far.cat(f"{root}/film.mp4", (16 + number) * MIB, MIB))
    places = {film.index(cid) for cid in asked(node) if cid in film}
    assert {0, 1, 2, 3, 4, 5, 16, 17, 18, 19, 20, 21} <= places


def test_a_slow_reader_does_not_draw_the_whole_film(
    far: NetworkEngine, there: MemoryEngine, root: str, node: Peer
) -> None:
    film = leaves(there, root)
    pieces = far.cat(f"{root}/film.mp4")
    for _ in range(5):
        next(pieces)
    places = [film.index(cid) for cid in asked(node) if cid in film]
    assert max(places) <= 5 + 16
    pieces.close()  # type: ignore[attr-defined]  # a generator


def test_a_damaged_block_of_the_own_store_is_read_from_the_network(
    there: MemoryEngine, root: str, node: Peer, fetching: Fetching, tmp_path: Path
) -> None:
    own = EmbeddedEngine(tmp_path, fsync=False)
    own.import_car(BytesIO(b"".join(there.export_car(root))))
    leaf = cid.parse(leaves(there, root)[3]).digest.hex()
    (tmp_path / "blocks" / leaf[:2] / leaf).write_bytes(b"damaged")
    far = NetworkEngine(own, fetching([node.provider()]))
    assert b"".join(far.cat(f"{root}/film.mp4")) == FILM
    assert asked(node) == [leaves(there, root)[3]]


def test_an_archive_is_made_of_what_is_far(
    far: NetworkEngine, there: MemoryEngine, root: str
) -> None:
    assert b"".join(far.export_car(root)) == b"".join(there.export_car(root))


class Noting:
    """A finder that knows one node, and keeps under which roots it was asked."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.roots: set[str] = set()

    def find(self, cid: str, root: str) -> list[Provider]:
        self.roots.add(root)
        return [self.provider]


def test_a_part_by_its_own_cid_is_looked_for_with_who_holds_the_whole(
    there: MemoryEngine, root: str, node: Peer
) -> None:
    film = there.stat(f"{root}/film.mp4").cid
    finder = Noting(node.provider())
    with closing(Fetcher(finder, guard=LOOPBACK)) as fetcher:
        far = NetworkEngine(MemoryEngine(), fetcher)
        assert b"".join(far.under(root).cat(film, 5, 9)) == FILM[5:14]
        assert finder.roots == {root}
        leaf = leaves(there, root)[20]
        assert far.get_block(leaf) == FILM[20 * MIB : 21 * MIB]
        assert finder.roots == {root, leaf}


def test_what_nobody_has_is_not_found(far: NetworkEngine) -> None:
    nowhere = str(cid.of(b"nowhere"))
    with pytest.raises(NotFound):
        far.stat(nowhere)
    with pytest.raises(NotFound):
        far.get_block(nowhere)
    with pytest.raises(NotFound):
        b"".join(far.export_car(nowhere))

"""A pushed graph is kept whole and exact, or refused by name with nothing kept of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.node import graph as graph_module
from gateway.node.graph import Graph
from node_bridge import car, cid, dagpb, varint
from node_bridge.cid import DAG_PB
from node_bridge.engine import MAX_BLOCK, Limits
from tests.node import graphs
from tests.node.calling import Caller
from tests.node.conftest import Make
from tests.node.graphs import Made, made

FILM = graphs.film(1_200_000)
OTHER = graphs.film(1000, seed=2)


def section(name: bytes, data: bytes) -> bytes:
    return varint.encode(len(name) + len(data)) + name + data


def archive_of(*parts: tuple[bytes, bytes], root: str = FILM.cid) -> bytes:
    """An archive as a liar writes it: names and bytes as given."""
    head = b"".join(car.write([cid.parse(root)], []))
    return head + b"".join(section(name, data) for name, data in parts)


def nothing_came(node: Caller, graph: Made = FILM) -> bool:
    """Neither on the disk, nor in the book, nor to be had; no spool left behind."""
    state = node.order("GET", "/wt/v1/leases/1").said
    folder = node.parts.config.folder
    leftovers = [path for path in folder.iterdir() if path.name.startswith("tmp")]
    leftovers += (folder / "store" / "adding").iterdir()
    served = any(node.read(key).status == 200 for key, _ in graph.blocks)
    with node.parts.book.read() as db:
        noted = db.execute("SELECT count(*) FROM lease_block").fetchone()[0]
    return not (
        node.stored or served or noted or leftovers or state["have"] or state["state"] == "held"
    )


CORRUPT = bytes(1000) + FILM.archive[1000:]
ROOT_KEY, ROOT = FILM.blocks[0]
BIG = bytes(MAX_BLOCK + 1)
BIG_KEY = cid.of(BIG)
CHANGED = FILM.archive[:-1] + bytes([FILM.archive[-1] ^ 1])

LIES: list[tuple[str, bytes, str]] = [
    ("a changed byte", CHANGED, "bad-bytes"),
    ("zeros", CORRUPT, "bad-bytes"),
    ("nothing", b"", "bad-bytes"),
    ("no archive", b"hello " * 100, "bad-bytes"),
    ("cut short", FILM.archive[:-1], "bad-bytes"),
    ("only the root", archive_of((bytes(ROOT_KEY), ROOT)), "incomplete"),
    ("no blocks", archive_of(), "incomplete"),
    ("a stranger's block", OTHER.archive, "foreign"),
    (
        "a child before its parent",
        archive_of(*((bytes(key), data) for key, data in reversed(FILM.blocks))),
        "foreign",
    ),
    ("a block over 2 MiB", archive_of((bytes(BIG_KEY), BIG)), "block-too-large"),
    ("a part that never ends", archive_of()[:-1] + b"\xff" * 20, "bad-bytes"),
    ("a bad CID", archive_of((b"\x01\x55\x12\x10" + bytes(16), b"x")), "bad-bytes"),
    ("an unknown hash", archive_of((b"\x01\x55\x1e\x20" + bytes(32), b"x")), "bad-bytes"),
]


def test_a_lying_archive_is_refused_and_nothing_is_kept(node: Caller) -> None:
    node.take(FILM)
    for name, archive, refusal in LIES:
        refused = node.push(archive)
        assert (refused.refusal, name) == (refusal, name)
        assert 400 <= refused.status < 500
        assert nothing_came(node), name
    assert node.push(FILM.archive).said["state"] == "held"


@pytest.mark.parametrize("difference", [-1, 1, -100_000, 100_000])
def test_a_graph_of_another_size_than_its_lease_is_refused(node: Caller, difference: int) -> None:
    node.take(FILM, size=FILM.size + difference)
    refused = node.push(FILM.archive)
    assert (refused.status, refused.refusal) == (422, "wrong-size")
    assert nothing_came(node)


def test_an_archive_past_all_bounds_is_not_read(node: Caller) -> None:
    node.take(OTHER)
    refused = node.push(bytes(OTHER.size * 2 + (16 << 20) + 1))
    assert (refused.status, refused.refusal) == (413, "too-large")
    assert nothing_came(node, OTHER)


def test_a_push_without_a_lease_is_refused(node: Caller) -> None:
    refused = node.push(FILM.archive)
    assert (refused.status, refused.refusal) == (404, "no-such-lease")
    assert node.stored == 0


def test_a_graph_that_is_too_deep_is_refused(node: Caller) -> None:
    deep = graphs.chain(65)
    node.take(deep)
    refused = node.push(deep.archive)
    assert (refused.status, refused.refusal) == (413, "too-large")
    assert nothing_came(node, deep)
    good = graphs.chain(64)
    assert node.take(good, serial="2").status == 202
    assert node.push(good.archive, "2").said["state"] == "held"


@pytest.mark.parametrize(
    ("limits", "bomb"),
    [
        (Limits(waiting=99), lambda: graphs.fan(100)),
        (Limits(walk_blocks=100), lambda: graphs.fan(100)),
        (Limits(depth=9), lambda: graphs.doubling(10)),
    ],
)
def test_a_graph_past_the_bounds_is_refused(
    node: Caller, limits: Limits, bomb: Callable[[], Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Graph.__init__, "__defaults__", (limits,))
    graph = bomb()
    node.take(graph)
    refused = node.push(graph.archive)
    assert (refused.status, refused.refusal) == (413, "too-large")
    assert nothing_came(node, graph)


def test_a_graph_of_shared_children_costs_no_more_than_its_blocks(node: Caller) -> None:
    bomb = graphs.doubling(40)  # 2⁴⁰ leaves when unfolded
    node.hold(bomb)
    assert node.stored == 41


def test_a_block_that_is_not_of_its_codec_is_refused(node: Caller) -> None:
    junk = b"\xff\xff no dag-pb"
    key = cid.of(junk, DAG_PB)
    graph = made(str(key), [(key, junk)])
    node.take(graph)
    refused = node.push(graph.archive)
    assert (refused.status, refused.refusal) == (422, "broken-graph")
    assert nothing_came(node, graph)


def test_a_graph_with_a_codec_nobody_knows_is_refused(node: Caller) -> None:
    leaf = cid.ParsedCid(0x99, cid.of(b"x").digest)
    root = dagpb.encode(b"", [dagpb.Link("", 1, leaf)])
    key = cid.of(root, DAG_PB)
    graph = made(str(key), [(key, root), (leaf, b"x")])
    node.take(graph)
    refused = node.push(graph.archive)
    assert refused.refusal == "broken-graph"
    assert nothing_came(node, graph)


def test_the_weight_by_the_roots_own_account_is_as_good(node: Caller) -> None:
    shared = graphs.doubling(3)
    root = dagpb.decode(shared.blocks[0][1])
    unfolded = len(shared.blocks[0][1]) + sum(link.dag_size for link in root.links)
    assert unfolded > shared.size
    node.take(shared, size=unfolded)
    assert node.push(shared.archive).said["state"] == "held"


def test_pushing_what_is_held_is_harmless(node: Caller) -> None:
    node.hold(FILM)
    assert node.push(b"anything").said["state"] == "held"
    assert node.read(FILM.cid).status == 200


def test_a_push_past_the_stores_quota_is_refused(make_node: Make) -> None:
    node = make_node(quota="3 MB")
    store = node.parts.leasing.store
    store.add([bytes(range(256)) * 8000])  # what a sweep has not freed yet
    before = node.stored
    node.take(FILM)
    refused = node.push(FILM.archive)
    assert (refused.status, refused.refusal) == (507, "quota-exceeded")
    assert node.stored == before
    assert node.read(FILM.cid).refusal == "not-held"


def written() -> int:
    """Bytes that this process has handed to write(2) so far."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("wchar")).split()[1])


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="nobody counts what is written")
def test_what_is_pushed_is_written_once(node: Caller) -> None:
    film = graphs.film(8 << 20, seed=3)
    node.take(film)
    before = written()
    assert node.push(film.archive).said["state"] == "held"
    assert film.size <= written() - before < 1.1 * film.size


def test_the_limits_are_those_of_the_engine() -> None:
    assert Limits() == graph_module.LIMITS

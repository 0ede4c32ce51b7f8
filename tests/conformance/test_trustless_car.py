"""Specification trustless-car: archives with the way, the entity or a span, in one fixed order."""

import re
from collections.abc import Callable

import httpx
import pytest

from node_bridge import murmur3
from node_bridge.cid import ParsedCid
from node_bridge.dagpb import decode
from tests.conformance.fixtures import MIXED_PIECES, Fixtures
from tests.conformance.graphs import Made
from tests.conformance.reading import CAR, archived, names

pytestmark = pytest.mark.network

Ask = Callable[..., list[str]]
IDENTITY = "bafkqaf3imvwgy3zaneqgc3janfxgy2lomvscay3jmqfa"


@pytest.fixture(params=["?format=car", "Accept"])
def ask(request: pytest.FixtureRequest, client: httpx.Client) -> Ask:
    """Asks for an archive in either way; the headers are as the specification has them."""

    def asked(path: str, scope: str = "", span: str = "") -> list[str]:
        params = {"dag-scope": scope, "entity-bytes": span}
        params = {name: value for name, value in params.items() if value}
        headers = {"Accept": CAR}
        if request.param == "?format=car":
            params, headers = {"format": "car", **params}, {}
        reply = client.get(f"/ipfs/{path}", params=params, headers=headers)
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["accept-ranges"] == "none"
        assert reply.headers["content-type"].startswith(CAR)
        disposition = reply.headers["content-disposition"]
        assert re.match(r'attachment; filename=".*\.car"', disposition)
        return archived(reply)

    return asked


def shards(fixtures: Fixtures, key: ParsedCid, name: str = "") -> list[str]:
    """The deeper shards of the sharded folder; with a name, those on the way to it."""
    digits = murmur3.digest(name.encode()).hex().upper()
    found = []
    for link in decode(fixtures.graphs.blocks[key]).links:
        if len(link.name) == 2 and (not name or digits.startswith(link.name)):
            found += [link.key.written]
            if not name:
                found += shards(fixtures, link.key)
    return found


def pieces(fixtures: Fixtures, made: Made) -> list[str]:
    """The links of a file's root."""
    return [link.key.written for link in decode(fixtures.graphs.blocks[made.key]).links]


# Paths: the blocks on the way, then what lies at the end


def test_a_file_in_a_folder(ask: Ask, fixtures: Fixtures) -> None:
    found = ask(f"{fixtures.two_root.cid}/subdir/ascii.txt")
    assert found == names(fixtures.two_root, fixtures.two_dir, fixtures.ascii)


def test_a_file_in_a_sharded_folder(ask: Ask, fixtures: Fixtures) -> None:
    file = fixtures.numbers["685.txt"]
    way = shards(fixtures, fixtures.sharded.key, "685.txt")
    assert way
    found = ask(f"{fixtures.sharded.cid}/685.txt")
    assert found == [fixtures.sharded.cid, *way, file.cid, *pieces(fixtures, file)]


def test_a_file_behind_a_document(ask: Ask, fixtures: Fixtures) -> None:
    found = ask(f"{fixtures.document}/files/single")
    assert found == names(fixtures.document, fixtures.hello)


def test_a_file_that_is_not_there(client: httpx.Client, fixtures: Fixtures) -> None:
    reply = client.get(f"/ipfs/{fixtures.two_root.cid}/subdir/i-do-not-exist?format=car")
    assert reply.status_code == 404


# dag-scope


@pytest.mark.parametrize("end", ["subdir", "subdir/ascii.txt"])
def test_one_block_at_the_end(ask: Ask, fixtures: Fixtures, end: str) -> None:
    way = names(fixtures.two_root, fixtures.two_dir, fixtures.ascii)
    assert ask(f"{fixtures.two_root.cid}/{end}", "block") == way[: end.count("/") + 2]


def test_one_block_in_a_sharded_folder(ask: Ask, fixtures: Fixtures) -> None:
    found = ask(f"{fixtures.sharded.cid}/1.txt", "block")
    way = shards(fixtures, fixtures.sharded.key, "1.txt")
    assert found == [fixtures.sharded.cid, *way, fixtures.numbers["1.txt"].cid]


def test_a_folder_without_what_is_in_it(ask: Ask, fixtures: Fixtures) -> None:
    assert ask(fixtures.two_root.cid, "entity") == [fixtures.two_root.cid]


def test_a_sharded_folder_without_what_is_in_it(ask: Ask, fixtures: Fixtures) -> None:
    every = shards(fixtures, fixtures.sharded.key)
    assert len(every) > 200
    assert ask(fixtures.sharded.cid, "entity") == [fixtures.sharded.cid, *every]
    assert ask(fixtures.sharded.cid, "entity", "0:*") == [fixtures.sharded.cid, *every]


@pytest.mark.parametrize("scope", ["entity", "all", ""])
@pytest.mark.parametrize("name", ["ascii.txt", "multiblock.txt"])
def test_a_whole_file(ask: Ask, fixtures: Fixtures, scope: str, name: str) -> None:
    way = names(fixtures.mixed_root, fixtures.mixed_dir)
    ends = {
        "ascii.txt": [fixtures.ascii.cid],
        "multiblock.txt": [fixtures.multiblock.cid, *MIXED_PIECES],
    }
    assert ask(f"{fixtures.mixed_root.cid}/subdir/{name}", scope) == [*way, *ends[name]]


def test_a_document_without_what_it_links_to(ask: Ask, fixtures: Fixtures) -> None:
    found = ask(f"{fixtures.document_root.cid}/document", "entity")
    assert found == names(fixtures.document_root, fixtures.document)


def test_a_document_with_all_it_links_to(ask: Ask, fixtures: Fixtures) -> None:
    found = ask(f"{fixtures.document_root.cid}/document", "all")
    way = names(fixtures.document_root, fixtures.document, fixtures.multiblock)
    assert found == [*way, *MIXED_PIECES, fixtures.hello.cid]


def test_a_whole_folder(ask: Ask, fixtures: Fixtures) -> None:
    way = names(fixtures.mixed_root, fixtures.mixed_dir, fixtures.ascii, fixtures.multiblock)
    assert ask(f"{fixtures.mixed_root.cid}/subdir", "all") == [*way, *MIXED_PIECES]


# entity-bytes


@pytest.mark.parametrize(("span", "leaf"), [("0:1000", 0), ("2200:*", 2)])
def test_a_span_beside_a_block_that_is_missing(
    ask: Ask, fixtures: Fixtures, span: str, leaf: int
) -> None:
    assert fixtures.torn.cid.startswith("Qm")
    found = ask(fixtures.torn.cid, "entity", span)
    assert found == names(fixtures.torn, fixtures.torn_leaves[leaf])


@pytest.mark.parametrize(
    ("span", "start", "stop"),
    [
        ("0:*", 0, 5),
        ("512:*", 2, 5),
        ("512:1023", 2, 4),
        ("512:-256", 2, 4),
        ("-5:*", 3, 5),
        ("-9999:*", 0, 5),
        ("-9999:-3", 0, 4),
        ("0:0", 0, 1),
        ("1024:9999", 4, 5),
        ("9999:*", 5, 5),  # past the end nothing is left but the proof
    ],
)
def test_a_span_brings_the_fewest_blocks(
    ask: Ask, fixtures: Fixtures, span: str, start: int, stop: int
) -> None:
    expected = [fixtures.multiblock.cid, *MIXED_PIECES[start:stop]]
    assert ask(fixtures.multiblock.cid, "entity", span) == expected
    assert ask(fixtures.multiblock.cid, "", span) == expected
    way = names(fixtures.mixed_root, fixtures.mixed_dir)
    assert ask(f"{way[0]}/subdir/multiblock.txt", "entity", span) == [*way, *expected]


# Order and repeats: the optional part of the specification


@pytest.mark.parametrize("query", ["", "?format=car"])
@pytest.mark.parametrize("repeats", ["y", "n"])
def test_what_is_met_again(
    client: httpx.Client, fixtures: Fixtures, query: str, repeats: str
) -> None:
    accept = f"{CAR}; version=1; order=dfs; dups={repeats}"
    reply = client.get(f"/ipfs/{fixtures.duplicates.cid}{query}", headers={"Accept": accept})

    assert reply.headers["content-type"].startswith(CAR)
    assert "order=dfs" in reply.headers["content-type"]
    assert f"dups={repeats}" in reply.headers["content-type"]
    twice = [fixtures.ascii.cid] * (2 if repeats == "y" else 1)
    rest = [*twice, fixtures.hello.cid, fixtures.multiblock.cid, *MIXED_PIECES]
    assert archived(reply) == [fixtures.duplicates.cid, *rest]


def test_the_query_says_it_too(client: httpx.Client, fixtures: Fixtures) -> None:
    query = "format=car&car-dups=y&car-order=dfs&car-version=1"
    reply = client.get(f"/ipfs/{fixtures.duplicates.cid}?{query}")
    assert "dups=y" in reply.headers["content-type"]
    assert archived(reply).count(fixtures.ascii.cid) == 2


def test_an_unknown_order_may_be_any(client: httpx.Client, fixtures: Fixtures) -> None:
    accept = f"{CAR}; version=1; order=unk"
    reply = client.get(f"/ipfs/{fixtures.duplicates.cid}", headers={"Accept": accept})
    assert "order=" in reply.headers["content-type"]
    expected = {fixtures.duplicates.cid, fixtures.ascii.cid, fixtures.multiblock.cid}
    assert expected | set(MIXED_PIECES) <= set(archived(reply))


def test_what_a_cid_carries_is_no_block(client: httpx.Client) -> None:
    reply = client.get(f"/ipfs/{IDENTITY}", headers={"Accept": f"{CAR}; dups=y"})
    assert "dups=y" in reply.headers["content-type"]
    assert archived(reply) == []


@pytest.mark.parametrize(
    "query",
    [
        "format=car&dag-scope=everything",
        "format=car&entity-bytes=1",
        "format=car&entity-bytes=a:b",
        "format=car&entity-bytes=9:3",
        "format=car&entity-bytes=-3:-9",
        "format=car&car-version=2",
        "format=car&car-order=bfs",
        "format=car&car-dups=maybe",
        "format=zip",
    ],
)
def test_what_no_archive_can_be_is_refused(
    client: httpx.Client, fixtures: Fixtures, query: str
) -> None:
    reply = client.get(f"/ipfs/{fixtures.duplicates.cid}?{query}")
    assert (reply.status_code, reply.headers["x-refusal"]) == (400, "malformed")
    assert reply.headers["content-type"].startswith("text/plain")


def test_an_archive_that_breaks_off_has_no_end(client: httpx.Client, fixtures: Fixtures) -> None:
    """A client sees that something is missing, whatever the status was."""
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(f"/ipfs/{fixtures.cut.cid}?format=car&dag-scope=entity")


def test_a_graph_that_is_not_whole_is_refused_first(
    client: httpx.Client, fixtures: Fixtures
) -> None:
    assert client.get(f"/ipfs/{fixtures.torn.cid}?format=car").status_code == 404


def test_head_says_what_would_come(client: httpx.Client, fixtures: Fixtures) -> None:
    reply = client.head(f"/ipfs/{fixtures.duplicates.cid}?format=car")
    assert (reply.status_code, reply.content) == (200, b"")
    assert reply.headers["content-type"].startswith(CAR)
    assert "content-length" not in reply.headers

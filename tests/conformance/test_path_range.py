"""Specifications path-range and path-raw: parts of files, and of single blocks."""

import httpx
import pytest

from tests.conformance.fixtures import HELLO, Fixtures
from tests.conformance.reading import RAW_BLOCK, caching

pytestmark = pytest.mark.network


@pytest.mark.parametrize(
    ("asked", "start", "stop"), [("6-16", 6, 17), ("-3", 28, 31), ("6-16,0-4", 6, 17)]
)
def test_part_of_a_file(
    client: httpx.Client, fixtures: Fixtures, asked: str, start: int, stop: int
) -> None:
    """Of several ranges the first is answered, as the specification lets us."""
    target = f"/ipfs/{fixtures.duplicates.cid}/ascii.txt"
    reply = client.get(target, headers={"Range": f"bytes={asked}"})

    assert (reply.status_code, reply.content) == (206, HELLO[start:stop])
    assert "text/plain" in reply.headers["content-type"]
    assert reply.headers["content-range"] == f"bytes {start}-{stop - 1}/31"


@pytest.mark.parametrize(("start", "stop"), [(997, 1001), (2200, 2202), (0, 1024), (2048, 3072)])
def test_part_of_a_file_of_which_another_part_is_missing(
    client: httpx.Client, fixtures: Fixtures, start: int, stop: int
) -> None:
    reply = client.get(f"/ipfs/{fixtures.torn.cid}", headers={"Range": f"bytes={start}-{stop - 1}"})
    assert (reply.status_code, reply.content) == (206, fixtures.torn_data[start:stop])
    assert "text/plain" in reply.headers["content-type"]
    assert reply.headers["content-range"] == f"bytes {start}-{stop - 1}/3072"


def test_the_missing_part_is_not_found(client: httpx.Client, fixtures: Fixtures) -> None:
    for asked in ({"Range": "bytes=1000-1030"}, {}):
        reply = client.get(f"/ipfs/{fixtures.torn.cid}", headers=asked)
        assert (reply.status_code, reply.headers["x-refusal"]) == (404, "nothing-here")


@pytest.mark.parametrize(
    ("asked", "start", "stop"), [("6-16", 6, 17), ("6-16,0-4", 6, 17), ("50-", 50, 57)]
)
def test_part_of_a_block(
    client: httpx.Client, fixtures: Fixtures, asked: str, start: int, stop: int
) -> None:
    block = fixtures.whole.blocks[fixtures.block_dir.key]
    headers = {"Accept": RAW_BLOCK, "Range": f"bytes={asked}"}
    reply = client.get(f"/ipfs/{fixtures.block_root.cid}/dir", headers=headers)

    assert len(block) == 57
    assert (reply.status_code, reply.content) == (206, block[start:stop])
    assert reply.headers["content-type"] == RAW_BLOCK
    assert reply.headers["content-range"] == f"bytes {start}-{stop - 1}/57"
    assert reply.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("query", ["?format=raw", ""])
def test_a_block_by_its_path(client: httpx.Client, fixtures: Fixtures, query: str) -> None:
    root = fixtures.block_root.cid
    headers = {} if query else {"Accept": RAW_BLOCK}
    folder = client.get(f"/ipfs/{root}/dir{query}", headers=headers)
    file = client.get(f"/ipfs/{root}/dir/ascii.txt{query}", headers=headers)

    assert folder.content == fixtures.whole.blocks[fixtures.block_dir.key]
    assert file.content == HELLO
    assert file.headers["content-type"] == RAW_BLOCK
    assert file.headers["content-length"] == "31"
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.headers["x-ipfs-path"] == f"/ipfs/{root}/dir/ascii.txt"
    assert root in file.headers["x-ipfs-roots"]
    assert "etag" in file.headers
    assert {"public", "immutable"} <= set(caching(file))
    assert int(caching(file)["max-age"]) >= 29030400


def test_a_block_under_a_name_of_ones_own(client: httpx.Client, fixtures: Fixtures) -> None:
    target = f"/ipfs/{fixtures.block_root.cid}/dir/ascii.txt?filename=foobar.bin"
    reply = client.get(target, headers={"Accept": RAW_BLOCK})
    assert 'filename="foobar.bin' in reply.headers["content-disposition"]


def test_no_byte_in_the_range(client: httpx.Client, fixtures: Fixtures) -> None:
    for query, size in (("", 31), ("?format=raw", 31)):
        target = f"/ipfs/{fixtures.ascii.cid}{query}"
        reply = client.get(target, headers={"Range": "bytes=31-"})
        assert (reply.status_code, reply.headers["content-range"]) == (416, f"bytes */{size}")

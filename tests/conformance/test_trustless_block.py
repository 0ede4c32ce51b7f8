"""Specification trustless-block: one raw block, as it is, verifiable by its CID."""

import re
from hashlib import sha256

import httpx
import pytest

from tests.conformance.fixtures import Fixtures
from tests.conformance.reading import RAW_BLOCK, caching, raw_of

pytestmark = pytest.mark.network

WAYS = [("?format=raw", "*/*"), ("", RAW_BLOCK)]


@pytest.mark.parametrize(("query", "accept"), WAYS)
def test_a_folders_block(client: httpx.Client, fixtures: Fixtures, query: str, accept: str) -> None:
    reply = client.get(f"/ipfs/{fixtures.block_dir.cid}{query}", headers={"Accept": accept})
    assert reply.status_code == 200
    assert reply.content == fixtures.whole.blocks[fixtures.block_dir.key]


@pytest.mark.parametrize(("query", "accept"), WAYS)
def test_what_the_answer_says(
    client: httpx.Client, fixtures: Fixtures, query: str, accept: str
) -> None:
    cid = fixtures.ascii.cid
    reply = client.get(f"/ipfs/{cid}{query}", headers={"Accept": accept})

    assert reply.content == fixtures.whole.blocks[fixtures.ascii.key]
    assert reply.headers["content-type"] == RAW_BLOCK
    assert reply.headers["content-length"] == str(len(reply.content))
    assert re.match(r'attachment;\s*filename=".*\.bin"', reply.headers["content-disposition"])
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["etag"]
    assert reply.headers["x-ipfs-path"] == f"/ipfs/{cid}"
    assert cid in reply.headers["x-ipfs-roots"]
    assert {"public", "immutable"} <= set(caching(reply))
    assert int(caching(reply)["max-age"]) >= 29030400


def test_a_name_of_ones_own(client: httpx.Client, fixtures: Fixtures) -> None:
    target = f"/ipfs/{fixtures.ascii.cid}?filename=foobar.bin"
    reply = client.get(target, headers={"Accept": RAW_BLOCK})
    assert re.match(r'attachment;\s*filename="foobar\.bin', reply.headers["content-disposition"])


def test_both_orders_of_a_nodes_fields_come_back_as_they_are(
    client: httpx.Client, fixtures: Fixtures
) -> None:
    for made in fixtures.orders:
        reply = client.get(f"/ipfs/{made.cid}", params={"format": "raw"})
        assert reply.content == fixtures.whole.blocks[made.key]
        assert sha256(reply.content).digest() == made.key.digest


def test_head_says_the_same_and_sends_nothing(client: httpx.Client, fixtures: Fixtures) -> None:
    target = f"/ipfs/{fixtures.ascii.cid}?format=raw"
    head, got = client.head(target), client.get(target)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["etag"] == got.headers["etag"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_probe_every_client_sends_first(client: httpx.Client, method: str) -> None:
    """An empty identity CID: Kubo asks for it before it trusts a provider."""
    reply = client.request(method, "/ipfs/bafkqaaa?format=raw")
    assert (reply.status_code, reply.content) == (200, b"")


def test_a_block_that_is_not_here_is_not_looked_for(client: httpx.Client) -> None:
    missing = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
    assert client.get(f"/ipfs/{missing}?format=raw").status_code == 404


def test_every_codec_is_served_raw(client: httpx.Client, fixtures: Fixtures) -> None:
    for key in (fixtures.document, fixtures.sha512, raw_of(fixtures.document)):
        reply = client.get(f"/ipfs/{key}", params={"format": "raw"})
        assert reply.content == (
            fixtures.whole.blocks.get(key) or fixtures.whole.blocks[fixtures.document]
        )
        assert reply.headers["content-type"] == RAW_BLOCK


def test_each_form_has_an_etag_of_its_own(client: httpx.Client, fixtures: Fixtures) -> None:
    target = f"/ipfs/{fixtures.ascii.cid}"
    forms = [
        "",
        "?format=raw",
        "?format=car",
        "?format=car&dag-scope=block",
        "?format=car&car-dups=y",
    ]
    tags = {client.get(target + form).headers["etag"] for form in forms}
    assert len(tags) == len(forms)
    for form in forms:
        tag = client.get(target + form).headers["etag"]
        again = client.get(target + form, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")

"""Kubo's own gateway beside ours, the same content in both: they answer alike."""

from collections.abc import Iterator
from io import BytesIO

import httpx
import pytest

from node_bridge.car import Archive
from script import go_tools, kubos
from tests.conformance.fixtures import Fixtures
from tests.conformance.reading import CAR, RAW_BLOCK
from tests.kubo.pool import need

pytestmark = pytest.mark.network

ALIKE = ("etag", "x-ipfs-roots", "content-range", "location")
SPANS = ("0:*", "512:*", "512:1023", "512:-256", "-5:*", "-9999:*", "-9999:-3", "0:0", "9999:*")
FORMS = (
    "",
    "?format=raw",
    "?format=car",
    "?format=car&dag-scope=entity",
    "?format=car&dag-scope=block",
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"Accept": RAW_BLOCK},
    {"Accept": f"{CAR}; order=dfs; dups=y"},
    {"Range": "bytes=0-3"},
    {"Range": "bytes=1-2,0-0"},
    {"If-None-Match": '"other"'},
)


@pytest.fixture(scope="module")
def kubo(fixtures: Fixtures, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a Kubo that imported the same archives."""
    need(go_tools.KUBO)
    with kubos.kubo(tmp_path_factory.mktemp("kubo")) as kubo:
        for archive in fixtures.archives():
            imported = httpx.post(
                f"{kubo.rpc}/api/v0/dag/import?pin-roots=false", files={"file": archive}
            )
            assert imported.status_code == 200, imported.text
        with httpx.Client(base_url=kubo.gateway, headers={"Accept": "*/*"}) as client:
            yield client


def paths(fixtures: Fixtures) -> list[str]:
    cache, listed = fixtures.cache[0].cid, fixtures.listed.cid
    return [
        f"{cache}/root2/root3/root4/index.html",
        f"{cache}/root2/root3/",
        f"{listed}/ą/ę/file-źł.txt",
        f"{listed}/ą/ę/",
        f"{fixtures.symlink.cid}/foo",
        f"{fixtures.symlink.cid}/bar",
        f"{fixtures.sharded.cid}/685.txt",
        f"{fixtures.slashed.cid}/a/b.txt",
        f"{fixtures.document}/files/single",
        fixtures.ascii.cid,
        fixtures.duplicates.cid,
        str(fixtures.document),
        str(fixtures.sha512),
        "bafkqabtimvwgy3yk",
    ]


def body(reply: httpx.Response) -> object:
    """What of a body must be the same: all of it, of an archive its blocks, of a page nothing."""
    kind = reply.headers.get("content-type", "")
    if kind.startswith(CAR):
        return [
            (key.written, bytes(data)) for key, data in Archive(BytesIO(reply.content)).blocks()
        ]
    return b"" if kind.startswith("text/html") or reply.is_error else reply.content


def assert_alike(theirs: httpx.Response, ours: httpx.Response) -> None:
    is_archive = theirs.headers.get("content-type", "").startswith(CAR)
    is_page = "DirIndex" in theirs.headers.get("etag", "")
    assert ours.status_code == theirs.status_code
    assert body(ours) == body(theirs)
    for name in ALIKE:
        if name != "etag" or not (is_archive or is_page):  # these are each gateway's own
            assert ours.headers.get(name) == theirs.headers.get(name), name
    if theirs.is_success:
        kinds = [reply.headers["content-type"].partition(";")[0] for reply in (ours, theirs)]
        assert kinds[0] == kinds[1]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("headers", HEADERS, ids=str)
def test_every_form_of_every_kind(
    kubo: httpx.Client,
    client: httpx.Client,
    fixtures: Fixtures,
    form: str,
    headers: dict[str, str],
) -> None:
    for path in paths(fixtures):
        if path.endswith("/") and "Range" in headers and not form:
            continue  # a part of a generated page means nothing
        asked = f"/ipfs/{path}{form}"
        assert_alike(kubo.get(asked, headers=headers), client.get(asked, headers=headers))


@pytest.mark.parametrize("span", SPANS)
def test_every_span(
    kubo: httpx.Client, client: httpx.Client, fixtures: Fixtures, span: str
) -> None:
    for cid in (fixtures.multiblock.cid, f"{fixtures.mixed_root.cid}/subdir/multiblock.txt"):
        asked = f"/ipfs/{cid}?format=car&dag-scope=entity&entity-bytes={span}"
        assert_alike(kubo.get(asked), client.get(asked))


@pytest.mark.parametrize("form", ["", "?format=raw"])
def test_what_is_not_there(
    kubo: httpx.Client, client: httpx.Client, fixtures: Fixtures, form: str
) -> None:
    for path in (
        f"{fixtures.listed.cid}/nope",
        f"{fixtures.ascii.cid}/x",
        f"{fixtures.document}/no",
    ):
        asked = f"/ipfs/{path}{form}"
        assert_alike(kubo.get(asked), client.get(asked))

"""Specification path-unixfs: files and folders by path, as browsers and players ask for them."""

from urllib.parse import quote

import httpx
import pytest

from tests.conformance.fixtures import HELLO, PERCENT, TRICKY, Fixtures
from tests.conformance.reading import caching

pytestmark = pytest.mark.network

FOREVER = "public, max-age=29030400, immutable"
ABSENT = "QmYzfKSE55XCjD1MW128RfciAf2DViABhEiXfgVFMabSjN"
CARRIED = "bafkqabtimvwgy3yk"  # "hello\n"


def etag(cid: str) -> str:
    return f'"{cid}"'


@pytest.fixture
def three(fixtures: Fixtures) -> str:
    """A path to a folder without an index page."""
    return f"/ipfs/{fixtures.cache[0].cid}/root2/root3/"


@pytest.fixture
def four(three: str) -> str:
    """A path to a folder with one."""
    return f"{three}root4/"


# Folders


def test_a_root_has_no_way_up(client: httpx.Client, fixtures: Fixtures) -> None:
    cid = fixtures.listed.cid
    reply = client.get(f"/ipfs/{cid}/")
    assert "Index of" in reply.text
    assert f'<a href="/ipfs/{cid}/">..</a>' not in reply.text


def test_a_folder_has_a_slash(client: httpx.Client, fixtures: Fixtures) -> None:
    reply = client.get(f"/ipfs/{fixtures.listed.cid}/ą/ę")
    assert reply.status_code == 301
    assert reply.headers["location"] == f"/ipfs/{fixtures.listed.cid}/%C4%85/%C4%99/"


def test_a_folder_is_shown_as_a_page(client: httpx.Client, fixtures: Fixtures) -> None:
    cid, file = fixtures.listed.cid, fixtures.listed_file.cid
    reply = client.get(f"/ipfs/{cid}/ą/ę/")

    assert reply.headers["etag"].startswith('"DirIndex-')
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    way = f'<a href="/ipfs/{cid}">{cid}</a>/<a href="/ipfs/{cid}/%C4%85">ą</a>'
    assert f'/ipfs/{way}/<a href="/ipfs/{cid}/%C4%85/%C4%99">ę</a>' in reply.text
    assert f'<a href="/ipfs/{cid}/%C4%85/%C4%99/..">..</a>' in reply.text
    name = '<a href="/ipfs/{}/%C4%85/%C4%99/file-%C5%BA%C5%82.txt">file-źł.txt</a>'
    assert name.format(cid) in reply.text
    own = f"/ipfs/{file}?filename=file-%25C5%25BA%25C5%2582.txt"
    assert f'<a class="ipfs-hash" translate="no" href="{own}">' in reply.text


def test_a_name_that_is_not_there(client: httpx.Client, fixtures: Fixtures) -> None:
    assert client.get(f"/ipfs/{fixtures.listed.cid}/i-do-not-exist").status_code == 404


def test_a_sharded_folder_is_a_folder(client: httpx.Client, fixtures: Fixtures) -> None:
    root = f"/ipfs/{fixtures.sharded.cid}"
    page = client.get(f"{root}/")
    assert page.text.count('class="ipfs-hash"') == 1000
    assert client.get(f"{root}/999.txt").content == b"0999 " * 64
    assert client.get(f"{root}/1001.txt").status_code == 404


def test_a_symlink_is_shown_as_where_it_points(client: httpx.Client, fixtures: Fixtures) -> None:
    page = client.get(f"/ipfs/{fixtures.symlink.cid}/")
    assert ">foo<" in page.text
    assert ">bar<" in page.text
    raw = client.get(f"/ipfs/{fixtures.symlink.cid}?format=raw")
    assert raw.content == fixtures.old.blocks[fixtures.symlink.key]
    link = client.get(f"/ipfs/{fixtures.symlink.cid}/bar")
    assert (link.status_code, link.content) == (200, b"foo")


# Caching


def test_what_a_page_of_names_says(client: httpx.Client, fixtures: Fixtures, three: str) -> None:
    reply = client.get(three)
    roots = [made.cid for made in fixtures.cache[:3]]

    assert reply.status_code == 200
    assert reply.headers["x-ipfs-path"] == three
    assert reply.headers["x-ipfs-roots"] == ",".join(roots)
    assert reply.headers["etag"].endswith(f'_CID-{roots[-1]}"')
    assert reply.headers["etag"].startswith('"DirIndex-')
    week = "public, max-age=604800, stale-while-revalidate=2678400"
    assert reply.headers["cache-control"] == week


def test_an_index_page_stands_for_its_folder(
    client: httpx.Client, fixtures: Fixtures, four: str
) -> None:
    reply = client.get(four)
    roots = [made.cid for made in fixtures.cache[:4]]

    assert (reply.status_code, reply.content) == (200, b"hello\n")
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["cache-control"] == FOREVER
    assert reply.headers["x-ipfs-path"] == four
    assert reply.headers["x-ipfs-roots"] == ",".join(roots)
    assert reply.headers["etag"] == etag(roots[-1])


def test_what_a_file_says(client: httpx.Client, fixtures: Fixtures, four: str) -> None:
    reply = client.get(f"{four}index.html")
    roots = [made.cid for made in fixtures.cache]

    assert (reply.status_code, reply.content) == (200, b"hello\n")
    assert reply.headers["cache-control"] == FOREVER
    assert reply.headers["x-ipfs-path"] == f"{four}index.html"
    assert reply.headers["x-ipfs-roots"] == ",".join(roots)
    assert reply.headers["etag"] == etag(roots[-1])


@pytest.mark.parametrize("form", ["dag-json", "json"])
def test_a_folder_in_the_form_of_its_node(client: httpx.Client, four: str, form: str) -> None:
    reply = client.get(f"{four}?format={form}")
    assert (reply.status_code, reply.headers["cache-control"]) == (200, FOREVER)
    assert [link["Name"] for link in reply.json()["Links"]] == ["index.html"]
    assert reply.json()["Data"] == {"/": {"bytes": "CAE"}}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_only_if_cached(client: httpx.Client, four: str, method: str) -> None:
    cached = {"Cache-Control": "only-if-cached"}
    for query in ("", "?format=json"):
        assert client.request(method, four + query, headers=cached).status_code == 200
    assert client.request(method, f"/ipfs/{ABSENT}", headers=cached).status_code == 412


@pytest.mark.parametrize("written", ["{}", '"fake1", "fake2", {}', "W/{}", "*"])
def test_what_the_client_has_is_not_sent(
    client: httpx.Client, fixtures: Fixtures, four: str, written: str
) -> None:
    file, folder = fixtures.cache[4].cid, fixtures.cache[3].cid
    for target, cid in ((f"{four}index.html", file), (four, folder)):
        headers = {"If-None-Match": written.format(etag(cid))}
        reply = client.get(target, headers=headers)
        assert (reply.status_code, reply.content) == (304, b"")
        assert reply.headers["etag"] == etag(cid)


def test_a_page_of_names_the_client_has_is_not_sent(
    client: httpx.Client, fixtures: Fixtures, three: str
) -> None:
    own = client.get(three).headers["etag"]
    for tag in (own, f"W/{own}", f"W/{etag(fixtures.cache[2].cid)}"):
        assert client.get(three, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(three, headers={"If-None-Match": '"other"'}).status_code == 200


# Names


@pytest.mark.parametrize(
    "written",
    [
        "Portugal%252C+España=Peninsula%20Ibérica.txt",
        "Portugal%252C%2BEspa%C3%B1a%3DPeninsula%20Ib%C3%A9rica.txt",
        "Portugal%252C%2bEspa%c3%b1a%3dPeninsula%20Ib%c3%a9rica%2etxt",
    ],
)
def test_a_name_is_decoded_once(client: httpx.Client, fixtures: Fixtures, written: str) -> None:
    reply = client.get(f"/ipfs/{fixtures.percent.cid}/{written}")
    assert reply.content == b"hello from a percent encoded filename\n"
    assert reply.headers["ipfs-uri"] == f"ipfs://{fixtures.percent.cid}/{quote(PERCENT, safe='')}"
    assert "x-ipfs-path" not in reply.headers


def test_names_in_any_script(client: httpx.Client, fixtures: Fixtures) -> None:
    for name, text in TRICKY.items():
        reply = client.get(f"/ipfs/{fixtures.tricky.cid}/{quote(name, safe='')}")
        assert reply.text == f"{text}\n"
        uri = f"ipfs://{fixtures.tricky.cid}/{quote(name, safe='')}"
        assert reply.headers["ipfs-uri"] == uri
        if name.isascii():
            path = f"/ipfs/{fixtures.tricky.cid}/{name}"
            assert reply.headers["x-ipfs-path"] == path


def test_a_uri_keeps_what_is_never_reserved(client: httpx.Client, fixtures: Fixtures) -> None:
    folder = client.get(f"/ipfs/{fixtures.nested.cid}/sub%20dir/")
    assert folder.headers["ipfs-uri"] == f"ipfs://{fixtures.nested.cid}/sub%20dir/"
    name = "file%21%27%28%29%2A~.txt"
    file = client.get(f"/ipfs/{fixtures.nested.cid}/sub%20dir/{name}")
    assert file.headers["ipfs-uri"] == f"ipfs://{fixtures.nested.cid}/sub%20dir/{name}"
    bare = client.get(f"/ipfs/{fixtures.nested.cid}")
    assert (bare.status_code, bare.headers["ipfs-uri"]) == (301, f"ipfs://{fixtures.nested.cid}")
    assert bare.headers["location"] == f"/ipfs/{fixtures.nested.cid}/"


@pytest.mark.parametrize("written", ["a/b.txt", "a%2Fb.txt"])
def test_a_slash_always_parts_names(client: httpx.Client, fixtures: Fixtures, written: str) -> None:
    reply = client.get(f"/ipfs/{fixtures.slashed.cid}/{written}")
    assert reply.content == b"real nested file\n"
    assert reply.headers["ipfs-uri"] == f"ipfs://{fixtures.slashed.cid}/a/b.txt"


def test_every_writing_of_a_cid(client: httpx.Client, fixtures: Fixtures) -> None:
    cid = fixtures.symlink.key
    for written in (cid.written, str(cid), "B" + str(cid)[1:].upper(), _base36(bytes(cid))):
        reply = client.get(f"/ipfs/{written}/foo")
        assert reply.content == b"content\n"
        assert reply.headers["ipfs-uri"] == f"ipfs://{cid}/foo"
        assert reply.headers["x-ipfs-path"] == f"/ipfs/{written}/foo"


def test_both_orders_of_a_nodes_fields_lead_on(client: httpx.Client, fixtures: Fixtures) -> None:
    for made in fixtures.orders:
        assert client.get(f"/ipfs/{made.cid}/hello.txt").content == b"hello\n"


def test_a_document_is_shown_as_it_is(client: httpx.Client, fixtures: Fixtures) -> None:
    reply = client.get(f"/ipfs/{fixtures.document}")
    assert reply.content == fixtures.whole.blocks[fixtures.document]
    assert reply.headers["content-type"] == "application/vnd.ipld.dag-cbor"
    assert reply.headers["content-disposition"].startswith("attachment; ")
    inside = client.get(f"/ipfs/{fixtures.document}/files")
    assert (inside.status_code, inside.headers["x-refusal"]) == (501, "not-served")
    assert client.get(f"/ipfs/{fixtures.document}/none").status_code == 404
    assert client.get(f"/ipfs/{fixtures.document}/files/single").content == b"hello world\n"


# Other pages


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_any_page_may_read(client: httpx.Client, method: str) -> None:
    reply = client.request(method, f"/ipfs/{CARRIED}/")

    def listed(name: str) -> set[str]:
        return {word.strip() for word in reply.headers[f"access-control-{name}"].split(",")}

    assert listed("allow-origin") == {"*"}
    assert listed("allow-methods") >= {"GET", "HEAD", "OPTIONS"}
    assert listed("allow-headers") >= {"Content-Type", "Range", "User-Agent", "X-Requested-With"}
    assert listed("expose-headers") >= {
        "Content-Range",
        "Content-Length",
        "X-Ipfs-Roots",
        "X-Chunked-Output",
        "X-Stream-Output",
        "Ipfs-Uri",
    }


def test_what_a_cid_carries_is_served(client: httpx.Client) -> None:
    assert client.get(f"/ipfs/{CARRIED}").content == b"hello\n"


def test_a_download_has_a_name(client: httpx.Client, fixtures: Fixtures) -> None:
    target = f"/ipfs/{fixtures.ascii.cid}"
    saved = client.get(f"{target}?filename=test.mp4&download=true")
    assert saved.headers["content-disposition"].startswith('attachment; filename="test.mp4"')
    shown = client.get(f"{target}?filename=test.mp4")
    assert shown.headers["content-disposition"].startswith('inline; filename="test.mp4"')
    assert shown.headers["content-type"] == "video/mp4"
    assert client.get(target).content == HELLO
    assert set(caching(shown)) == {"public", "max-age", "immutable"}


@pytest.mark.parametrize("form", ["tar", "ipns-record"])
def test_forms_that_are_not_made_here_are_refused(
    client: httpx.Client, fixtures: Fixtures, form: str
) -> None:
    reply = client.get(f"/ipfs/{fixtures.listed.cid}/?format={form}")
    assert (reply.status_code, reply.headers["x-refusal"]) == (406, "not-offered")


def _base36(data: bytes) -> str:
    digits, number, text = "0123456789abcdefghijklmnopqrstuvwxyz", int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return f"k{text}"

"""A folder's page is ours: names in it are text, nothing runs, and it never grows too large."""

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import Gateway, Uploads
from gateway.directories import NAMES, _size
from node_bridge import Cid, Keyring, Limits, MemoryEngine
from node_bridge import cid as cids
from node_bridge.dagpb import Link, encode
from node_bridge.unixfs import FOLDER
from tests.gateway.asking import MemorySite, Reply, ask

KEY = cids.of(b"x")
HOSTILE = [
    "<script>alert(1)</script>", '"onmouseover="x', "'><img src=x>", "</style>", "&amp;", "%3C",
    "javascript:alert(1)", "a b", "\u202egpj.exe", "\x1b[31m", "?x#y", "..%2f", "{{x}}",
]  # fmt: skip


class Page(HTMLParser):
    """Tags, links and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[tuple[str, str]] = []
        self._href = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self._href = dict(attrs).get("href") or ""

    def handle_data(self, data: str) -> None:
        if self._href:
            self.links.append((self._href, data))
            self._href = ""


TAGS = {"html", "meta", "title", "style", "header", "p", "h1", "a", "main", "table", "thead",
        "tbody", "tr", "th", "td", "nav", "span"}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "name", "content", "href", "class", "translate", "scope",
              "colspan", "rel"}  # fmt: skip


def folder(engine: MemoryEngine, site: MemorySite, names: list[str]) -> Cid:
    """An open folder of these names, whatever they are."""
    engine.put_block(b"x")
    links = [Link(name, 1, KEY) for name in names]
    cid = engine.put_block(encode(FOLDER, links), codec="dag-pb")
    site.door.open_roots.add(cid)
    return cid


async def page(gateway: Gateway, cid: Cid, query: str = "") -> Reply:
    return await ask(gateway, "GET", f"/ipfs/{cid}/{query}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(names=st.lists(st.text(min_size=1, max_size=20) | st.sampled_from(HOSTILE), unique=True))
async def test_every_name_is_text_and_leads_to_its_file(
    gateway: Gateway, engine: MemoryEngine, site: MemorySite, names: list[str]
) -> None:
    names = [
        name for name in names if name.isprintable() and "/" not in name and name != "index.html"
    ]
    cid = folder(engine, site, names)
    reply = await page(gateway, cid)

    seen = Page(reply.text)
    assert reply.status == 200
    assert seen.tags <= TAGS
    assert seen.attributes <= ATTRIBUTES
    own = [(href, text) for href, text in seen.links if href.startswith(f"/ipfs/{cid}/")]
    assert [text for _, text in own] == names
    assert [unquote(href.removeprefix(f"/ipfs/{cid}/")) for href, _ in own] == names


async def test_nothing_runs_and_nothing_is_loaded(
    gateway: Gateway, engine: MemoryEngine, site: MemorySite
) -> None:
    reply = await page(gateway, folder(engine, site, HOSTILE))
    policy = reply.headers["content-security-policy"]
    style = re.search(r"<style>(.*?)</style>", reply.text, re.DOTALL)

    assert style is not None
    assert f"'sha256-{b64encode(sha256(style[1].encode()).digest()).decode()}'" in policy
    assert policy.startswith("sandbox allow-downloads; default-src 'none'; style-src 'sha256-")
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"


async def test_long_folders_come_in_pages(
    gateway: Gateway, engine: MemoryEngine, site: MemorySite
) -> None:
    names = [f"{number:05}" for number in range(2 * NAMES + 5)]
    cid = folder(engine, site, names)

    found, tags = [], set()
    for number, (back, on) in enumerate([(False, True), (True, True), (True, False)], 1):
        reply = await page(gateway, cid, f"?page={number}")
        tags.add(reply.headers["etag"])
        found += re.findall(r">(\d{5})</a>", reply.text)
        assert (f'"?page={number - 1}"' in reply.text) is back
        assert (f'"?page={number + 1}"' in reply.text) is on
    assert found == names
    assert len(tags) == 3


@pytest.mark.parametrize("number", ["0", "-1", "101", "x", "1e3", "", "٣", "9" * 30])
async def test_a_page_that_cannot_be_is_refused(
    gateway: Gateway, engine: MemoryEngine, site: MemorySite, number: str
) -> None:
    reply = await page(gateway, folder(engine, site, ["a"]), f"?page={number}")
    assert (reply.status, reply.headers["x-refusal"]) == (400, "malformed")


async def test_a_folder_past_its_bound_is_refused(
    site: MemorySite, keyring: Keyring, uploads: Uploads
) -> None:
    engine = MemoryEngine(limits=Limits(entries=50))
    gateway = Gateway(engine=engine, keyring=keyring, site=site.as_site(), uploads=uploads)
    shard = b"\x08\x05\x28\x22\x30\x80\x02"
    links = [Link(f"{slot:02X}name", 1, KEY) for slot in range(100)]
    cid = engine.put_block(encode(shard, links), codec="dag-pb")
    site.door.open_roots.add(cid)

    reply = await page(gateway, cid)
    assert (reply.status, reply.headers["x-refusal"]) == (413, "too-large")


async def test_under_a_grant_names_keep_it_and_cids_lead_nowhere(
    gateway: Gateway, root: Cid, sign: Callable[..., str]
) -> None:
    token = sign("read", root)
    bare = await ask(gateway, "GET", f"/g/{token}/ipfs/{root}")
    reply = await ask(gateway, "GET", f"/g/{token}/ipfs/{root}/")

    assert (bare.status, bare.headers["location"]) == (301, f"/g/{token}/ipfs/{root}/")
    assert f'<a href="/g/{token}/ipfs/{root}/movie.mp4">movie.mp4</a>' in reply.text
    assert {href.split("/")[1] for href, _ in Page(reply.text).links} == {"g"}
    assert reply.headers["cache-control"].startswith("private, ")


async def test_an_empty_folder_says_so(
    gateway: Gateway, engine: MemoryEngine, site: MemorySite
) -> None:
    assert (
        "There is nothing in this folder." in (await page(gateway, folder(engine, site, []))).text
    )


async def test_a_redirect_keeps_the_query_and_the_host(
    gateway: Gateway, engine: MemoryEngine, site: MemorySite
) -> None:
    cid = folder(engine, site, ["a"])
    reply = await ask(gateway, "GET", f"/ipfs/{cid}?page=2&x=%0d%0aSet-Cookie:a")
    assert reply.status == 301
    assert reply.headers["location"] == f"/ipfs/{cid}/?page=2&x=%0d%0aSet-Cookie:a"


async def test_a_prefix_of_a_proxy_stands_in_every_link(
    engine: MemoryEngine, site: MemorySite, keyring: Keyring, uploads: Uploads
) -> None:
    gateway = Gateway(
        engine=engine, keyring=keyring, site=site.as_site(), uploads=uploads,
        public_url="https://example.org/bytes/",
    )  # fmt: skip
    cid = folder(engine, site, ["a"])
    reply = await ask(gateway, "GET", f"/ipfs/{cid}")
    assert reply.headers["location"] == f"/bytes/ipfs/{cid}/"
    links = Page((await page(gateway, cid)).text).links
    assert all(href.startswith("/bytes/ipfs/") for href, _ in links)


async def test_a_moving_names_folder_is_not_listed(
    gateway: Gateway, root: Cid, site: MemorySite
) -> None:
    site.door.open_names.add("preview:a")
    site.door.names["preview:a"] = root
    for target in ("/live/preview:a", "/live/preview:a/", "/live/preview:a/sub/"):
        assert (await ask(gateway, "GET", target)).status == 404


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (1 << 20, "1 MiB"),
     ((1 << 30) - 1, "1024 MiB"), (5 << 40, "5 TiB"), ((1 << 64) - 1, "1.638e+04 PiB")],
)  # fmt: skip
def test_sizes_are_readable(size: int, text: str) -> None:
    assert _size(size) == text

"""In a real browser: folders are walked by their pages, and HTML of users harms nobody."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from node_bridge import EmbeddedEngine
from tests.gateway.serving import free_port, granian

pytestmark = pytest.mark.journey

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="7"><rect/></svg>'
HTML = b"""<!doctype html><title>Mine</title><style>h1 { color: rgb(1, 2, 3) }</style>
<h1 id="said">as written</h1><img id="near" src="p.svg"><img id="far" src="FAR">
<a href="film/">A film</a><form action="/ipfs/x"><button>Send</button></form>
<script>document.getElementById("said").textContent = "ran"; document.cookie = "a=b"</script>
<script src="run.js"></script><iframe src="film/"></iframe>
<img src="none" onerror="document.getElementById('said').textContent = 'ran'">"""
SCRIPT = b"document.getElementById('said').textContent = 'ran'"
FILES = {
    "p.svg": PICTURE,
    "run.js": SCRIPT,
    "film/master.m3u8": b"#EXTM3U\n",
    "film/deep/words & more.txt": b"words\n",
    "drawing.svg": PICTURE.replace(b"<rect", b"<script>document.title = 'ran'</script><rect"),
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the folder of these files is served."""
    folder = tmp_path_factory.mktemp("pages")
    port = free_port()
    root = laid_down(folder, f"http://localhost:{port}")
    environment = {"GATEWAY_FOLDER": str(folder), "GATEWAY_URL": f"http://127.0.0.1:{port}"}
    with granian("tests.conformance.open_app:application", environment, port=port) as served:
        yield f"{served.url}/ipfs/{root}"


def laid_down(folder: Path, other: str) -> str:
    """The root; its page wants a picture of another origin, too, and the picture is there."""
    engine = EmbeddedEngine(folder / "blocks", fsync=False)
    picture = engine.add([PICTURE]).cid
    html = HTML.replace(b"FAR", f"{other}/ipfs/{picture}?filename=p.svg".encode())
    files = {**FILES, "index.html": html}
    return engine.add_dir({name: engine.add([data]).cid for name, data in files.items()}).cid


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        color_scheme=request.param, viewport={"width": 390, "height": 800}, bypass_csp=False
    )
    yield context.new_page()
    context.close()


def test_a_users_page_is_shown_and_nothing_in_it_runs(page: Page, address: str) -> None:
    came: list[str] = []
    page.on("response", lambda response: came.append(response.url))
    page.goto(f"{address}/")

    assert page.inner_text("#said") == "as written"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(1, 2, 3)"
    assert page.evaluate("document.getElementById('near').naturalWidth") == 9
    assert page.evaluate("document.getElementById('far').naturalWidth") == 0
    assert page.context.cookies() == []
    assert page.evaluate("origin") == "null"
    page.click("text=Send")
    assert page.url == f"{address}/"
    assert set(came) <= {f"{address}/", f"{address}/p.svg", f"{address}/none"}
    page.goto(f"{address}/drawing.svg")
    assert page.title() != "ran"


def test_a_person_walks_down_and_up_again(page: Page, address: str) -> None:
    page.goto(f"{address}/")
    page.click("text=A film")
    assert page.url == f"{address}/film/"
    page.click("text=deep")
    assert page.url == f"{address}/film/deep/"
    page.click("text=words & more.txt")
    assert page.inner_text("body").strip() == "words"
    page.go_back()
    page.click("text=..")
    assert page.url == f"{address}/film/"
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_a_folders_page(
    browser: Browser, address: str, theme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(color_scheme=theme, bypass_csp=True)  # axe runs in the page
    page = context.new_page()
    page.goto(f"{address}/film/")
    found = Axe().run(page)
    context.close()
    assert found.violations_count == 0, found.generate_report()

"""x402's stock client for JavaScript pays in Node and in Chromium, from another origin there."""

import json
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tests import make
from tests.journeys.conftest import CHROMIUM, FLAGS
from tests.wire.serving import ROOT
from tests.wire.shop import PRICE, Shop
from wetube.cloudcoin.models import Charge

pytestmark = pytest.mark.chain

HERE = Path(__file__).parent
TIP = 70_000_000


def task(shop: Shop) -> dict[str, Any]:
    """Three views in turn, six at once, a tip, and the rest back."""
    channel = shop.video.channel
    films = [shop.video, *(make.published(channel, price=PRICE) for _ in range(8))]
    urls = [f"{shop.gateway.url}/pay/v1/videos/{film.key}" for film in films]
    return {
        "wallet": f"0x{bytes(shop.wallet.key).hex()}",
        "session": f"0x{secrets.token_hex(32)}",
        "salt": f"0x{secrets.token_hex(32)}",
        "network": shop.place.network,
        "chainId": shop.place.chain_id,
        "coin": shop.place.token,
        "rpc": shop.rpc,
        "films": urls[:3],
        "crowd": urls[3:],
        "tip": f"{shop.tip}?amount={TIP}",
        "refund": True,
    }


def holds(shop: Shop, done: dict[str, Any], had: int) -> None:
    """Everything was paid once, and chain and books agree to the drop."""
    answers = [*done["viewed"], *done["together"], done["tipped"]]
    assert [answer["status"] for answer in answers] == [200] * 10
    assert done["refunded"] is True
    shop.books_hold()
    views = Charge.objects.filter(kind="view")
    assert views.count() == views.values("subject").distinct().count() == 9
    assert shop.escrow().claimed == 9 * PRICE
    assert shop.coin() == had - 9 * PRICE - TIP


def test_node_pays(shop: Shop) -> None:
    had, node = shop.coin(), shutil.which("node")
    assert node, "Node is missing: script/doctor says how to get it"
    words = [node, str(HERE / "in_node.mjs"), json.dumps(task(shop))]
    said = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, timeout=90)
    assert said.returncode == 0, said.stderr.decode()
    holds(shop, json.loads(said.stdout), had)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[str]:
    """A page on an origin of its own, with the client in one bundle."""
    folder = tmp_path / "page"
    folder.mkdir()
    bundler = ROOT / "node_modules/.bin/esbuild"
    options = ["--bundle", "--format=esm", "--platform=browser", f"--outfile={folder}/payer.js"]
    subprocess.run([str(bundler), str(HERE / "payer.mjs"), *options], check=True, timeout=60)
    (folder / "index.html").write_text("<!doctype html><title>A stranger's page</title>")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_chromium_pays_from_another_origin(shop: Shop, page: str) -> None:
    had, asked = shop.coin(), task(shop)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = browser.new_page()
        tab.goto(f"{page}/index.html")
        done = tab.evaluate("async (asked) => (await import('/payer.js')).run(asked)", asked)
        browser.close()
    holds(shop, done, had)

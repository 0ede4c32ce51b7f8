"""A node on a spare machine keeps a paid film, sends it to a viewer; its operator has the coin."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from node_bridge.network.identity import Identity
from script.drills.rig import Rig
from tests.journeys.coin import COIN, arrives, balance_on_chain, price_film, withdraw
from tests.journeys.people import Person
from tests.node.nodes import Running, start_node

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

TOKEN = """
from wetube.nodes import identity, registering
from wetube.people.models import User
identity.own()
print(registering.new_token(User.objects.get(name="olga")))
"""
# What the clock does within the minute.
PLACE = """
from wetube.nodes import leasing, placing
from wetube.video import spreading
spreading.spread()
for number in placing.due():
    for lease in placing.look(number):
        leasing.advance(lease)
for lease in leasing.due():
    leasing.advance(lease)
"""
HELD = "SELECT count(*) FROM nodes_lease WHERE state = 'held'"
RECEIVED = """
SELECT COALESCE(SUM(received), 0) FROM nodes_orderlimit WHERE charge_id IS NOT NULL
"""
# What the clock does within the hour: limits end, and the view is split.
LATER = """
from datetime import timedelta
from django.utils import timezone
from wetube.cloudcoin import rollup
from wetube.nodes import splitting
from wetube.nodes.models import OrderLimit
rollup.roll_up()
OrderLimit.objects.update(expires=timezone.now())
print(splitting.split_due(timezone.now() + timedelta(hours=1)))
"""
EARNED = """
from wetube.nodes import earnings
from wetube.people.models import User
print(earnings.of(User.objects.get(name="olga")).bandwidth)
"""
SOUND = """
from wetube.nodes import earnings_hold
from wetube.cloudcoin import invariants
print([str(one) for one in [*invariants.check(), *earnings_hold.earnings_are_journals(),
                            *earnings_hold.views_are_split_to_the_drop()]])
"""


@pytest.fixture
def olga(browser: Browser, site: str) -> Iterator[Person]:
    """Has a machine to spare."""
    person = Person(browser, site)
    person.sign_up("olga")
    yield person
    person.context.close()


@pytest.fixture
def node(coin_rig: Rig, site: str, olga: Person, tmp_path: Path) -> Iterator[Running]:
    """Olga's, begun with a token of hers."""
    token = coin_rig.shell(TOKEN).strip()
    gateway = Identity.load(coin_rig.folder / "keys" / "network")
    with start_node(tmp_path / "node", gateway=gateway, gateway_url=site, token=token) as running:
        active = "SELECT count(*) FROM nodes_node WHERE state = 'active'"
        coin_rig.until(lambda: coin_rig.rows(active) == [(1,)], 90, "the node is called back")
        yield running


def test_what_a_viewer_took_from_a_node_is_its_operator_s_coin(
    browser: Browser, coin_rig: Rig, site: str, film: Path, olga: Person, node: Running
) -> None:
    maker, eva = Person(browser, site), Person(browser, site, trusting=True)
    maker.sign_up("filmer")
    video = price_film(maker, coin_rig, film)
    coin_rig.shell(PLACE)
    coin_rig.until(lambda: coin_rig.rows(HELD)[0][0] > 0, 90, "the node holds the film")

    eva.sign_up("eve")
    page = eva.visit(video)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name=re.compile("Pay .* and watch")).click()
    eva.until("video.currentTime > 1")
    eva.page.reload()  # a page that does not play by itself fetches little before it is asked to
    eva.page.wait_for_timeout(1_000)
    eva.plays(seconds=2)
    eva.page.evaluate("document.querySelector('wt-player video').currentTime = 20")
    eva.until("video.currentTime > 24", within=60)
    assert [url for url in asked if url.startswith(f"{node.url}/ipfs/")]
    assert eva.complaints == []
    coin_rig.until(lambda: coin_rig.rows(RECEIVED)[0][0] > 0, 60, "the node hands its receipts in")

    deadline = time.monotonic() + 60
    while coin_rig.shell(LATER).strip() != "1":
        assert time.monotonic() < deadline, "the view is not split"
    earned = int(coin_rig.shell(EARNED))
    assert 0 < earned <= 10_000_000  # of the 20 % of 0.50 CLD

    page = eva.visit("/wallet/history/")
    page.locator("a[href*='/wallet/receipts/']").first.click()
    expect(page.get_by_text("Who sent it to you")).to_be_visible()
    expect(page.get_by_text(f"…{node.peer_id[-8:]}")).to_be_visible()

    page = olga.visit("/node/")
    coins = f"{earned / COIN:.8f}".rstrip("0")
    expect(page.get_by_text(f"{coins} CLD").first).to_be_visible()
    address = "0x" + "12" * 20
    withdraw(olga, coins, address)
    arrives(coin_rig, address, earned)
    assert balance_on_chain(coin_rig, address) == earned
    assert coin_rig.shell(SOUND).strip() == "[]"

"""A stranger signs up, uploads, watches within seconds, sets a price; another pays and watches."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from script.drills.rig import Rig
from tests.journeys.people import Person
from tests.video.clips import make_clip

pytestmark = pytest.mark.journey


def test_from_a_phrase_to_an_income(browser: Browser, rig: Rig, origin: str, film: Path) -> None:
    alice, bob = Person(browser, origin), Person(browser, origin)

    alice.sign_up("alice")
    video = alice.upload(film)
    arrived = time.monotonic()
    alice.visit(video)
    alice.plays(seconds=1)
    assert time.monotonic() - arrived < 30
    rig.until(lambda: rig.ended(video.split("/")[2]), 120, "the film is published")
    assert rig.state(video.split("/")[2]) == "published"
    alice.set_price(video, "0.5")

    bob.sign_up("bob")
    page = bob.visit(video)
    expect(page.get_by_role("heading", name=re.compile("CLD to watch"))).to_be_visible()
    assert page.locator("wt-player").count() == 0
    page.get_by_role("button", name=re.compile("Pay .* and watch")).click()
    bob.plays()

    page = bob.visit("/wallet/")
    expect(page.get_by_text("9.5", exact=False).first).to_be_visible()
    page.get_by_role("link", name=re.compile("Storm at sea")).first.click()
    expect(page.get_by_text("0.35", exact=False).first).to_be_visible()
    expect(alice.visit("/wallet/income/").get_by_text("0.35", exact=False).first).to_be_visible()

    assert alice.complaints == []
    assert bob.complaints == []


def test_a_copied_address_of_a_paid_film_stops_playing(
    browser: Browser, rig: Rig, origin: str, tmp_path: Path
) -> None:
    carol, thief = Person(browser, origin), Person(browser, origin)
    carol.sign_up("carol")
    # Bytes of its own: the same film, public elsewhere, would be open to everybody.
    video = carol.upload(make_clip(tmp_path / "Own.mp4", seconds=9, size="426x240"))
    key = video.split("/")[2]
    rig.until(lambda: rig.ended(key), 120, "the film is published")
    carol.set_price(video, "0.1")
    carol.visit(video)
    prefix = carol.page.locator("wt-player").get_attribute("prefix")
    assert prefix is not None
    bare = re.sub(r"/g/[^/]+", "", prefix)

    time.sleep(3)  # the gateway may take two seconds to hear that a film is not open any more
    assert thief.page.goto(f"{bare}/master.m3u8").status in {403, 404}  # type: ignore[union-attr]
    assert thief.page.goto(f"{prefix}/master.m3u8").status == 200  # type: ignore[union-attr]
    forged = prefix[:-4] + "aaaa"
    assert thief.page.goto(f"{forged}/master.m3u8").status in {400, 403, 404}  # type: ignore[union-attr]
    thief.visit(video)
    assert thief.page.locator("wt-player").count() == 0


def test_a_view_counts_after_ten_seconds(
    browser: Browser, rig: Rig, origin: str, film: Path
) -> None:
    dave, visitor = Person(browser, origin), Person(browser, origin)
    dave.sign_up("dave")
    video = dave.upload(film)
    key = video.split("/")[2]
    rig.until(lambda: rig.ended(key), 120, "the film is published")

    visitor.visit(video)
    visitor.plays(seconds=11)

    rig.until(lambda: _views(rig, key) == 1, 10, "the view is counted")
    assert visitor.complaints == []


def _views(rig: Rig, key: str) -> int:
    return int(rig.rows("SELECT views FROM video_video WHERE key = ?", key)[0][0])

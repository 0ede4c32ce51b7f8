"""Who runs a node, and who has something kept: their pages in a browser, with a keyboard too."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from script.drills.rig import Rig
from tests.journeys.people import SOON, Person

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

PAGES = (
    "/node/", "/node/set-up/", "/node/alarms/", "/node/refusals/", "/nodes/", "/refused/",
    "/settings/pins/",
)  # fmt: skip
NOWHERE = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"


def serious(page: Page, axe: Path) -> list[str]:
    page.evaluate(axe.read_text())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [each["id"] for each in found if each["impact"] in {"serious", "critical"}]


def test_a_newcomer_finds_the_way_to_a_node(
    browser: Browser, rig: Rig, origin: str, repository: Path
) -> None:
    axe = repository / "node_modules" / "axe-core" / "axe.min.js"
    nora = Person(browser, origin)
    nora.sign_up("nora")
    page = nora.visit("/node/")
    page.get_by_role("link", name="Set up a node").click()
    page.get_by_role("button", name="Make a token").click()
    command = page.locator("#command").inner_text()
    assert re.search(rf"--gateway {re.escape(origin)} --token wto_\w", command)
    page.get_by_role("link", name="I have it").click()
    expect(page.get_by_text("You have one.", exact=False)).to_be_visible()
    assert "wto_…" in page.locator("#command").inner_text()
    for path in PAGES:
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            nora.visit(path)
            assert serious(page, axe) == [], (path, width)
            wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not page.evaluate(wide), (path, width)
    assert nora.complaints == []


def test_a_cid_is_kept_and_let_go_by_keyboard_alone(
    browser: Browser, rig: Rig, origin: str
) -> None:
    pia = Person(browser, origin)
    pia.sign_up("pia")
    page = pia.visit("/settings/pins/")
    page.get_by_label("CID").focus()
    page.keyboard.type(NOWHERE)
    page.keyboard.press("Tab")
    page.keyboard.type("A greeting")
    page.keyboard.press("Enter")
    row = page.locator("#pins li", has_text="A greeting")
    expect(row.get_by_text(re.compile("Waiting|Fetching"))).to_be_visible()
    expect(row.get_by_text("Nobody who is known here")).to_be_visible(timeout=SOON)
    row.get_by_role("button", name="Remove").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing pinned")).to_be_visible()
    assert pia.complaints == []

"""Somebody tips from the watch page, has a pot, watches; the month ends; the creator sees both."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from script.drills.rig import Rig
from tests.journeys.people import Person

pytestmark = pytest.mark.journey

# The running month becomes the one before it, as if it had ended.
END_THE_MONTH = """
from datetime import timedelta
from wetube.giving.models import PotMonth
for row in PotMonth.objects.all():
    row.month = (row.month - timedelta(days=1)).replace(day=1)
    row.save()
"""


def test_a_tip_and_a_pot_reach_the_creator(
    browser: Browser, rig: Rig, origin: str, film: Path
) -> None:
    alice, bob = Person(browser, origin), Person(browser, origin)
    alice.sign_up("erin")
    video = alice.upload(film)
    rig.until(lambda: rig.ended(video.split("/")[2]), 120, "the film is published")
    bob.sign_up("frank")

    page = bob.visit("/wallet/pot/")
    page.get_by_label("Every month").fill("2")
    page.get_by_role("button", name="Start the pot").click()
    expect(page.get_by_text("Nothing watched yet this month", exact=False)).to_be_visible()

    page = bob.visit(video)
    began = time.monotonic()
    bob.plays(seconds=2)
    tip(page, "0.50 CLD", note="<b>For the storm</b>")
    tip(page, "0.05 CLD", note="", take_back=True)
    bob.until("video.currentTime > 23 || video.ended")
    page.evaluate("document.querySelector('wt-player video').pause()")
    rig.until(lambda: watched(rig) >= 18, 15, "the seconds are noted")
    assert watched(rig) <= time.monotonic() - began + 1
    expect(bob.visit("/wallet/pot/").get_by_text("2.00 CLD").nth(1)).to_be_visible()

    rig.shell(END_THE_MONTH)
    assert "Spread 1 of 1." in rig.manage("pots", "spread")
    assert "Spread 0 of 0." in rig.manage("pots", "spread")

    page = bob.visit("/wallet/pot/")
    page.get_by_role("region", name="Earlier months").get_by_role("link").first.click()
    expect(page.get_by_role("row", name=re.compile("erin")).get_by_text("2.00 CLD")).to_be_visible()
    assert watched(rig) == 0

    page = alice.visit("/wallet/tips/")
    expect(page.get_by_text("<b>For the storm</b>")).to_be_visible()
    expect(page.get_by_text("From frank")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="0.35 CLD")).to_have_count(1)
    page.get_by_role("button", name="Hide the note").click()
    expect(page.get_by_text("For the storm")).to_have_count(0)
    page = alice.visit("/wallet/income/")
    expect(page.get_by_role("row", name=re.compile(r"^Tips 1 .*0\.35 CLD$"))).to_be_visible()
    expect(
        page.get_by_role("row", name=re.compile(r"^Monthly pots 1 .*1\.40 CLD$"))
    ).to_be_visible()
    expect(page.get_by_role("row", name=re.compile(r"^Together .*1\.75 CLD$"))).to_be_visible()

    assert alice.complaints == []
    assert bob.complaints == []


def tip(page: Page, amount: str, *, note: str, take_back: bool = False) -> None:
    """From the watch page's dialog, while the film plays on."""
    page.get_by_role("link", name="Give a tip").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(amount, exact=True).click()
    dialog.get_by_label("A few words").fill(note)
    if note:
        dialog.get_by_label(re.compile("Show my name")).check()
    dialog.get_by_role("button", name="Give").click()
    expect(dialog.get_by_role("heading", name="Thank you")).to_be_focused()
    expect(dialog.get_by_text(f"You gave {amount}")).to_be_visible()
    if take_back:
        dialog.get_by_role("button", name="Take it back").click()
        expect(dialog.get_by_text(f"{amount} came back")).to_be_visible()
    expect(page.locator("#wallet-balance")).to_contain_text("9.50 CLD")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def watched(rig: Rig) -> int:
    return int(rig.rows("SELECT coalesce(sum(seconds), 0) FROM giving_attention")[0][0])

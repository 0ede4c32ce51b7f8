"""A wallet made in the page: by passphrase and passkey, saved, brought elsewhere, used."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from script.drills.rig import Rig
from tests.journeys.coin import COIN, PASSPHRASE, arrives, give_authenticator, make_own_wallet
from tests.journeys.people import SOON, Person

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]


def test_an_own_wallet_is_made_saved_and_brought_to_another_browser(
    browser: Browser, coin_rig: Rig, site: str, tmp_path: Path
) -> None:
    ona, elsewhere = Person(browser, site), Person(browser, site)
    words = ona.sign_up("ona")
    address = make_own_wallet(ona)
    copy = tmp_path / "copy.json"
    with ona.page.expect_download() as saved:
        ona.page.get_by_role("button", name="Save a copy").click()
    saved.value.save_as(copy)
    assert "passphrase" in copy.read_text()

    own_page = ona.visit("/wallet/own/")
    own_page.locator("[data-fill] input[name=amount]").fill("5")
    own_page.get_by_role("button", name="Move it").click()
    arrives(coin_rig, address, 5 * COIN)

    elsewhere.log_in_with(words)
    page = elsewhere.visit("/wallet/own/")
    page.get_by_label("The file you saved").set_input_files(copy)
    page.get_by_label("Its passphrase").fill("not this one")
    page.get_by_role("button", name="Bring it here").click()
    expect(page.get_by_text("This passphrase does not open the wallet.")).to_be_visible(
        timeout=SOON
    )
    page.get_by_label("Its passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Bring it here").click()
    expect(page.get_by_text("Your wallet is here again.")).to_be_visible(timeout=SOON)
    expect(page.locator("#own-address")).to_have_text(address)
    expect(page.locator("[data-balance]")).to_have_text("5.00 CLD", timeout=SOON)

    page.locator("#own-lock").fill("2")
    page.get_by_role("button", name="Lock it").click()
    expect(page.get_by_text("Done: 2.00 CLD has left your wallet.")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="To my balance here").click()
    page.locator("#send-amount").fill("1")
    page.get_by_role("button", name="Send it", exact=True).click()
    expect(page.get_by_text("Done: 1.00 CLD has left your wallet.")).to_be_visible(timeout=SOON)
    page = elsewhere.visit("/wallet/top-up/")
    expect(page.locator("#arrivals").get_by_text("in your balance").first).to_be_visible(
        timeout=SOON
    )
    assert ona.complaints == []
    assert elsewhere.complaints == []


def test_an_own_wallet_opens_with_a_passkey_and_its_copy_with_a_passphrase(
    browser: Browser, coin_rig: Rig, site: str, tmp_path: Path
) -> None:
    named = site.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to a number
    kim = Person(browser, named)
    give_authenticator(kim)
    kim.sign_up("kim")
    page = kim.visit("/wallet/own/")
    page.get_by_role("button", name="Make it with a passkey").click()
    expect(page.get_by_text("Your wallet is ready.", exact=False)).to_be_visible(timeout=SOON)
    address = page.locator("#own-address").inner_text()

    page.reload()
    expect(page.get_by_text("closed", exact=True)).to_be_visible()
    page.get_by_role("button", name="Open with the passkey").click()
    expect(page.get_by_text("Your wallet is open until you leave this page.")).to_be_visible()
    page.get_by_role("button", name="Save a copy").click()
    page.get_by_label("A passphrase for the copy").fill(PASSPHRASE)
    with page.expect_download(timeout=SOON) as saved:
        page.get_by_role("button", name="Save the copy").click()
    saved.value.save_as(tmp_path / "copy.json")
    page.get_by_role("button", name="Remove from this device").click()
    expect(page.get_by_text("Press once more", exact=False)).to_be_visible()
    page.get_by_role("button", name="Remove from this device").click()
    expect(page.get_by_text("The wallet is no longer on this device.")).to_be_visible()

    page.get_by_label("The file you saved").set_input_files(tmp_path / "copy.json")
    page.get_by_label("Its passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Bring it here").click()
    expect(page.get_by_text("Your wallet is here again.")).to_be_visible(timeout=SOON)
    expect(page.locator("#own-address")).to_have_text(address)
    assert "passkey" not in (tmp_path / "copy.json").read_text()

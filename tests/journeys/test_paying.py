"""Films paid on their page: from the grant, and from tabs on a real chain."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from script.drills.rig import Rig
from tests.journeys.coin import COIN, arrives, chain_id, lock_coin, price_film, withdraw
from tests.journeys.people import SOON, Person
from tests.journeys.wallets import Pocket

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

GIVE_BACK = """
from wetube.cloudcoin import refunds
from wetube.cloudcoin.models import Charge
refunds.refund(Charge.objects.filter(tab__kind="signed").order_by("-pk")[0], reason="test")
"""


@pytest.fixture(scope="module")
def films(browser: Browser, coin_rig: Rig, site: str, film: Path) -> list[str]:
    """Three films of one channel, each for 0.50 CLD."""
    maker = Person(browser, site)
    maker.sign_up("maker")
    return [price_film(maker, coin_rig, film) for _ in range(3)]


def test_a_newcomer_pays_from_the_grant_and_it_plays_at_once(
    browser: Browser, coin_rig: Rig, site: str, films: list[str]
) -> None:
    eva = Person(browser, site)
    eva.sign_up("eva")

    page = eva.visit(films[0])
    expect(page.get_by_role("heading", name="0.50 CLD to watch")).to_be_visible()
    expect(page.locator("wt-pay")).to_be_hidden()
    page.get_by_role("button", name=re.compile("Pay .* and watch")).click()

    eva.until("video.currentTime > 1")
    expect(page.get_by_text("You paid 0.50 CLD for this.")).to_be_visible()
    page.get_by_role("link", name="See where your coin went").click()
    expect(page.get_by_text("0.35 CLD").first).to_be_visible()
    assert eva.complaints == []


def test_three_films_from_a_tab_with_one_signature_and_none_after_a_reload(
    browser: Browser, coin_rig: Rig, site: str, films: list[str]
) -> None:
    ida, pocket = Person(browser, site), Pocket(chain_id(coin_rig))
    pocket.live_in(ida.context)
    ida.sign_up("ida")
    withdraw(ida, "4", pocket.address)
    arrives(coin_rig, pocket.address, 4 * COIN)
    lock_coin(ida, "2")

    for count, video in enumerate(films, start=1):
        page = ida.visit(video)
        left = 2 - (count - 1) / 2
        expect(page.get_by_text(f"{left:.2f} CLD is left in your tab")).to_be_visible()
        page.get_by_role("button", name="Pay 0.50 CLD from your tab").click()
        ida.until("video.currentTime > 1")
        expect(page.get_by_text("You paid 0.50 CLD for this.")).to_be_visible()
        expect(page.get_by_text(f"{left - 0.5:.2f} CLD is left in your tab")).to_be_visible()
    page.get_by_text("See where your coin went").click()
    expect(page.get_by_text("0.35 CLD").first).to_be_visible()

    ida.page.reload()
    ida.plays(seconds=1)

    assert pocket.signatures == 1
    page = ida.visit("/wallet/history/?means=signed")
    expect(page.get_by_text("3 payments, 1.50 CLD spent.")).to_be_visible()
    page = ida.visit("/wallet/tabs/")
    expect(page.locator(".tab-card").get_by_text("0.50 CLD")).to_be_visible()

    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Done: what was left comes back", exact=False)).to_be_visible(
        timeout=SOON
    )
    arrives(coin_rig, pocket.address, 250_000_000)
    assert pocket.signatures == 1
    assert ida.complaints == []


def test_a_visitor_who_is_not_signed_in_pays_from_this_devices_tab(
    browser: Browser, coin_rig: Rig, site: str, films: list[str]
) -> None:
    leo, pocket = Person(browser, site), Pocket(chain_id(coin_rig))
    pocket.live_in(leo.context)
    leo.sign_up("leo")
    withdraw(leo, "2", pocket.address)
    arrives(coin_rig, pocket.address, 2 * COIN)
    lock_coin(leo, "1")
    leo.context.clear_cookies()

    page = leo.visit(films[0])
    expect(page.get_by_role("link", name="Sign up to watch")).to_be_visible()
    page.get_by_role("button", name="Pay 0.50 CLD from your tab").click()
    leo.until("video.currentTime > 1")
    page.reload()
    leo.plays(seconds=1)

    coin_rig.shell(GIVE_BACK)  # as for a film that did not play: the gateway counts less than we
    page = leo.visit(films[0])
    page.get_by_role("button", name="Pay 0.50 CLD from your tab").click()
    leo.until("video.currentTime > 1")

    page = leo.visit(films[1])
    page.get_by_role("button", name="Pay 0.50 CLD from your tab").click()
    leo.until("video.currentTime > 1")
    page = leo.visit(films[2])
    expect(page.get_by_text("Your tab has only 0.00 CLD left.")).to_be_visible()
    expect(page.get_by_role("button", name="Pay 0.50 CLD from your tab")).to_be_hidden()
    assert not [said for said in leo.complaints if "402" not in said]


def test_two_windows_pay_at_once_and_each_pays_once(
    browser: Browser, coin_rig: Rig, site: str, films: list[str]
) -> None:
    ava, pocket = Person(browser, site), Pocket(chain_id(coin_rig))
    pocket.live_in(ava.context)
    ava.sign_up("ava")
    withdraw(ava, "2", pocket.address)
    arrives(coin_rig, pocket.address, 2 * COIN)
    lock_coin(ava, "2")
    windows = [ava.context.new_page() for _ in films]
    buttons = []
    for window, video in zip(windows, films, strict=True):
        window.goto(site + video)
        buttons.append(window.get_by_role("button", name="Pay 0.50 CLD from your tab"))
        expect(buttons[-1]).to_be_visible()

    for button in buttons:
        button.dispatch_event("click")

    for window in windows:
        expect(window.get_by_text("You paid 0.50 CLD for this.")).to_be_visible(timeout=SOON)
    page = ava.visit("/wallet/history/?means=signed")
    expect(page.get_by_text("3 payments, 1.50 CLD spent.")).to_be_visible()

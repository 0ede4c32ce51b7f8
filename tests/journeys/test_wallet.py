"""Coin in and out of a real chain by people in a browser."""

import pytest
from playwright.sync_api import Browser, expect

from script.drills.rig import Rig
from tests.journeys.coin import COIN, arrives, balance_on_chain, chain_id, lock_coin, withdraw
from tests.journeys.people import SOON, Person
from tests.journeys.wallets import Pocket

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]


def test_a_withdrawal_arrives_on_chain(browser: Browser, coin_rig: Rig, site: str) -> None:
    wim, pocket = Person(browser, site), Pocket(chain_id(coin_rig))
    wim.sign_up("wim")

    withdraw(wim, "2.5", pocket.address)
    arrives(coin_rig, pocket.address, 250_000_000)

    page = wim.visit("/wallet/withdraw/")
    expect(page.get_by_text("paid", exact=True)).to_be_visible(timeout=SOON)
    assert balance_on_chain(coin_rig, pocket.address) == 250_000_000
    assert wim.complaints == []


def test_a_mistyped_address_is_told_and_nothing_leaves(
    browser: Browser, coin_rig: Rig, site: str
) -> None:
    zoe, pocket = Person(browser, site), Pocket(chain_id(coin_rig))
    zoe.sign_up("zoe")
    page = zoe.visit("/wallet/withdraw/")
    page.locator("#id_amount").fill("1")
    page.locator("#id_address").fill(pocket.address.swapcase().replace("0X", "0x"))
    page.get_by_role("button", name="Send it out").click()
    expect(page.get_by_text("typing mistake", exact=False)).to_be_visible()
    expect(page.get_by_text("10.00 CLD").first).to_be_visible()


def test_what_is_sent_to_ones_address_is_credited_while_one_looks(
    browser: Browser, coin_rig: Rig, site: str
) -> None:
    tia, friend = Person(browser, site), Person(browser, site)
    tia.sign_up("tia")
    friend.sign_up("friend")
    page = tia.visit("/wallet/top-up/")
    address = page.locator("#deposit-address").inner_text()
    assert page.locator("svg.qr").count() == 1

    withdraw(friend, "3", address)
    arrives(coin_rig, address, 3 * COIN)

    arrived = page.locator("#arrivals")
    expect(arrived.get_by_text("3.00 CLD", exact=True)).to_be_visible(timeout=SOON)
    expect(arrived.get_by_text("in your balance")).to_be_visible(timeout=SOON)
    expect(arrived.get_by_text("Free to spend now: 13.00 CLD.")).to_be_visible(timeout=SOON)
    assert tia.complaints == []


def test_a_wallet_of_this_browser_locks_coin_with_one_signature(
    browser: Browser, coin_rig: Rig, site: str
) -> None:
    uma, pocket = Person(browser, site), Pocket(chain_id(coin_rig))
    pocket.live_in(uma.context)
    uma.sign_up("uma")
    withdraw(uma, "6", pocket.address)
    arrives(coin_rig, pocket.address, 6 * COIN)

    lock_coin(uma, "4")

    assert pocket.signatures == 1
    assert balance_on_chain(coin_rig, pocket.address) == 2 * COIN
    page = uma.visit("/wallet/tabs/")
    expect(page.locator(".tab-card").get_by_text("4.00 CLD")).to_be_visible()
    expect(page.get_by_text("on this device")).to_be_visible()
    assert uma.complaints == []


def test_who_says_no_in_the_wallet_has_moved_nothing(
    browser: Browser, coin_rig: Rig, site: str
) -> None:
    nia, pocket = Person(browser, site), Pocket(chain_id(coin_rig), says_yes=False)
    pocket.live_in(nia.context)
    nia.sign_up("nia")
    before = coin_rig.rows("SELECT COUNT(*) FROM wallet_locking")

    page = nia.visit("/wallet/top-up/")
    page.get_by_role("button", name="Lock with Pocket").click()

    expect(page.get_by_text("You said no in your wallet. Nothing was moved.")).to_be_visible()
    assert coin_rig.rows("SELECT COUNT(*) FROM wallet_locking") == before

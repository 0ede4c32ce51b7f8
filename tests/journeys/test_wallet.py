"""Coin in and out of a real chain by people in a browser: each way the wallet offers."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from script.drills.rig import Rig, running
from tests.journeys.people import SOON, Person
from tests.journeys.wallets import Pocket

pytestmark = [pytest.mark.chain, pytest.mark.journey, pytest.mark.timeout(600)]

COIN = 10**8
PASSPHRASE = "five random words are good"
HURRY = """
from wetube.chain import outbox
from wetube.settlement import following, posting, pushing
for _ in range(3):
    posting.pay_out(); outbox.pump(); following.follow(); pushing.push()
"""

GIVE_BACK = """
from wetube.cloudcoin import refunds
from wetube.cloudcoin.models import Charge
refunds.refund(Charge.objects.filter(tab__kind="signed").order_by("-pk")[0], reason="test")
"""


@pytest.fixture(scope="module")
def coin_rig() -> Iterator[Rig]:
    """A whole WeTube whose coin is on its embedded chain, and that pays out all the time."""
    with running(READ_GRANT_SECONDS="60", PROOF_OF_WORK="0", PAYOUT_SECONDS="5") as rig:
        ready = "SELECT chain_id FROM chain_deployment WHERE ready_at IS NOT NULL"
        rig.until(lambda: rig.rows(ready), 120, "the coin is on the chain")
        yield rig


@pytest.fixture(scope="module")
def site(coin_rig: Rig) -> str:
    return f"http://127.0.0.1:{coin_rig.ports[0]}"


@pytest.fixture(scope="module")
def films(browser: Browser, coin_rig: Rig, site: str, film: Path) -> list[str]:
    """Three films of one channel, each for 0.50 CLD."""
    maker = Person(browser, site)
    maker.sign_up("maker")
    return [price_film(maker, coin_rig, film) for _ in range(3)]


def price_film(maker: Person, rig: Rig, film: Path) -> str:
    video = maker.upload(film)
    rig.until(lambda: rig.ended(video.split("/")[2]), 120, "the film is published")
    maker.set_price(video, "0.5")
    return video


def chain_id(rig: Rig) -> int:
    return int(rig.rows("SELECT chain_id FROM chain_deployment")[0][0])


def balance_on_chain(rig: Rig, address: str) -> int:
    asked = f"from wetube.chain import reading; print(reading.balance({address!r}))"
    return int(rig.shell(asked))


def withdraw(person: Person, amount: str, address: str) -> None:
    page = person.visit("/wallet/withdraw/")
    page.locator("#id_amount").fill(amount)
    page.locator("#id_address").fill(address)
    page.get_by_role("button", name="Send it out").click()
    expect(page.get_by_text("Asked.", exact=False).first).to_be_visible()


def arrives(rig: Rig, address: str, amount: int) -> None:
    """What was asked out to the address is on the chain."""
    deadline = time.monotonic() + 90
    while balance_on_chain(rig, address) < amount:
        assert time.monotonic() < deadline, f"{amount} drops did not arrive at {address}"
        rig.shell(HURRY)


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


def lock_coin(person: Person, amount: str) -> None:
    """On the page for topping up, with the wallet called Pocket."""
    page = person.visit("/wallet/top-up/")
    page.locator("#lock-amount").fill(amount)
    page.get_by_role("button", name="Lock with Pocket").click()
    expect(page.get_by_text(re.compile("is ready: this device now pays"))).to_be_visible(
        timeout=SOON
    )


def make_own_wallet(person: Person) -> str:
    """Its address."""
    page: Page = person.visit("/wallet/own/")
    page.locator("#new-passphrase").fill(PASSPHRASE)
    page.get_by_label("The same once more").fill(PASSPHRASE)
    page.get_by_label("I know that nobody can open", exact=False).check()
    page.get_by_role("button", name="Make my wallet").click()
    expect(page.get_by_text("Your wallet is ready.", exact=False)).to_be_visible(timeout=SOON)
    return page.locator("#own-address").inner_text()

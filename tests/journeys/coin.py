"""What the journeys of coin share: how it gets onto the chain, into tabs and into wallets."""

import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from script.drills.rig import Rig
from tests.journeys.people import SOON, Person

COIN = 10**8
PASSPHRASE = "five random words are good"
HURRY = """
from wetube.chain import outbox
from wetube.settlement import following, posting, pushing
for _ in range(3):
    posting.pay_out(); outbox.pump(); following.follow(); pushing.push()
"""


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


def price_film(maker: Person, rig: Rig, film: Path) -> str:
    video = maker.upload(film)
    rig.until(lambda: rig.ended(video.split("/")[2]), 120, "the film is published")
    maker.set_price(video, "0.5")
    return video


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


def give_authenticator(person: Person) -> None:
    """A device whose passkeys keep secrets (WebAuthn's PRF), and whose owner always agrees."""
    tools = person.context.new_cdp_session(person.page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "hasPrf": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})

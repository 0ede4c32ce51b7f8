"""A person buys private tokens, hands some over, pays a film with them, and loses none."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect

from script.drills.rig import Rig
from tests.journeys.people import SOON, Person

pytestmark = pytest.mark.journey


def worth(page: Page, coins: str) -> None:
    expect(page.locator("[data-worth]")).to_have_text(f"{coins} CLD", timeout=SOON)


def fill(page: Page, form: str, field: str, text: str) -> None:
    page.locator(f"form[data-form={form}] [name={field}]").fill(text)
    page.locator(f"form[data-form={form}] button").click()


def said(page: Page, words: str) -> None:
    expect(page.locator("[data-said]")).to_contain_text(words, timeout=SOON)


def buy(person: Person, coins: str) -> Page:
    page = person.visit("/wallet/private/")
    fill(page, "buy", "amount", coins)
    said(page, "is in this browser now")
    return page


def test_tokens_are_bought_handed_over_taken_and_turned_back(
    browser: Browser, rig: Rig, origin: str
) -> None:
    alice, stranger = Person(browser, origin), Person(browser, origin)
    alice.sign_up("private-alice")

    page = buy(alice, "2.5")
    worth(page, "2.50")
    expect(page.locator("#buy-hint")).to_contain_text("7.50 CLD", timeout=SOON)
    page.reload()
    worth(page, "2.50")

    fill(page, "hand", "amount", "0.75")
    said(page, "Whoever has it can take the 0.75 CLD")
    text = page.locator("[data-sent] textarea").input_value()
    assert text.startswith("cashuB")
    worth(page, "1.75")

    other = stranger.visit("/wallet/private/")
    worth(other, "0.00")
    fill(other, "take", "text", f"for you: cashu:{text} !")
    said(other, "Taken: 0.75 CLD")
    worth(other, "0.75")
    fill(other, "take", "text", text)
    said(other, "already")
    worth(other, "0.75")

    page.reload()
    expect(page.locator("[data-sent]")).to_be_hidden()
    fill(page, "hand", "amount", "0.25")
    said(page, "Whoever")
    page.get_by_role("button", name="Take it back").click()
    said(page, "0.25 CLD is back")
    worth(page, "1.75")

    fill(page, "back", "amount", "1.7")
    said(page, "1.70 CLD is part of your balance again")
    worth(page, "0.05")
    expect(alice.visit("/wallet/").get_by_text("9.20", exact=False).first).to_be_visible()
    assert alice.complaints == []
    assert [each for each in stranger.complaints if "400" not in each] == []


def test_more_than_there_is_moves_nothing(browser: Browser, rig: Rig, origin: str) -> None:
    bob = Person(browser, origin)
    bob.sign_up("private-bob")
    page = bob.visit("/wallet/private/")

    fill(page, "buy", "amount", "11")
    said(page, "is missing")
    worth(page, "0.00")
    fill(page, "hand", "amount", "1")
    said(page, "not that much")
    fill(page, "buy", "amount", "many")
    said(page, "Write an amount")
    fill(page, "take", "text", "cashuBqqqq")
    said(page, "no token of this mint")
    expect(bob.visit("/wallet/").get_by_text("10.00", exact=False).first).to_be_visible()


def test_an_answer_that_is_lost_is_asked_for_again(browser: Browser, rig: Rig, origin: str) -> None:
    carol = Person(browser, origin)
    carol.sign_up("private-carol")
    page = carol.visit("/wallet/private/")
    carol.context.route("**/mint/v1/mint/cloudcoin", lambda route: (route.fetch(), route.abort()))

    fill(page, "buy", "amount", "0.5")
    said(page, "does not answer")
    worth(page, "0.00")
    carol.context.unroute("**/mint/v1/mint/cloudcoin")
    page.reload()

    worth(page, "0.50")


def test_the_mint_hears_no_cookie(browser: Browser, rig: Rig, origin: str) -> None:
    dave = Person(browser, origin)
    dave.sign_up("private-dave")
    heard: list[dict[str, str]] = []
    dave.context.on(
        "request",
        lambda request: heard.append(request.all_headers()) if "/mint/v1/" in request.url else None,
    )

    buy(dave, "0.1")

    assert len(heard) >= 3
    assert not [headers for headers in heard if "cookie" in headers or "referer" in headers]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_are_for_everybody(
    browser: Browser, rig: Rig, origin: str, width: int, scheme: str
) -> None:
    erin = Person(browser, origin)
    erin.sign_up(f"erin-{width}-{scheme}")
    erin.page.set_viewport_size({"width": width, "height": 900})
    erin.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    buy(erin, "0.3")
    fill(erin.page, "hand", "amount", "0.1")
    said(erin.page, "Whoever")
    for path in ("", "/mint/"):
        page = erin.visit(path) if path else erin.page
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide


def test_a_film_is_paid_privately_on_its_page(
    browser: Browser, rig: Rig, origin: str, film: Path
) -> None:
    alice, bob = Person(browser, origin), Person(browser, origin)
    alice.sign_up("private-creator")
    video = alice.upload(film)
    rig.until(lambda: rig.ended(video.split("/")[2]), 120, "the film is published")
    alice.set_price(video, "0.5")
    bob.sign_up("private-viewer")
    buy(bob, "1")

    heard = listen(bob, video)
    page = bob.visit(video)
    page.get_by_role("button", name="Pay 0.50 CLD privately").click()
    bob.plays()
    expect(page.get_by_text("You paid 0.50 CLD privately.", exact=False)).to_be_visible()
    assert any("/pay/v1/videos/" in url for url, _ in heard)
    assert [url for url, headers in heard if "cookie" in headers] == []

    bob.visit(video)
    bob.plays()
    worth(bob.visit("/wallet/private/"), "0.50")
    assert bob.visit("/wallet/history/").get_by_text("Storm at sea").count() == 0
    expect(alice.visit("/wallet/income/").get_by_text("0.35", exact=False).first).to_be_visible()
    assert bob.complaints == []


def test_a_private_viewing_that_does_not_play_brings_its_tokens_back(
    browser: Browser, rig: Rig, origin: str, film: Path
) -> None:
    alice, bob = Person(browser, origin), Person(browser, origin)
    alice.sign_up("private-creator-2")
    video = alice.upload(film)
    rig.until(lambda: rig.ended(video.split("/")[2]), 120, "the film is published")
    alice.set_price(video, "0.2")
    bob.sign_up("private-viewer-2")
    buy(bob, "0.3")
    bob.context.route("**/g/**", lambda route: route.abort())

    page = bob.visit(video)
    page.get_by_role("button", name="Pay 0.20 CLD privately").click()
    expect(page.get_by_text("You paid 0.20 CLD privately.", exact=False)).to_be_visible()
    worth_now = page.get_by_text("0.20 CLD is back in this browser", exact=False)
    page.get_by_role("button", name="It did not play").or_(worth_now).first.click()
    expect(worth_now).to_be_visible(timeout=SOON)

    worth(bob.visit("/wallet/private/"), "0.30")


def listen(person: Person, video: str) -> list[tuple[str, dict[str, str]]]:
    """What the browser sends for the film, beside the page itself."""
    heard: list[tuple[str, dict[str, str]]] = []

    def hear(request: Request) -> None:
        private = ("/pay/v1/", "/g/", "/ipfs/", "/mint/v1/", "/screen/", "/grant/", "/views/")
        if any(part in request.url for part in private):
            heard.append((request.url, request.all_headers()))

    person.context.on("request", hear)
    return heard

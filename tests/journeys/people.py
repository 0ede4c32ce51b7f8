"""People in a browser: what they do, in the words of the pages."""

import re
import time
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

SOON = 60_000  # ms
VIDEO = "const video = document.querySelector('wt-player video')"


class Person:
    """One visitor with a browser of their own; notes everything the console complains about."""

    def __init__(self, browser: Browser, origin: str, *, trusting: bool = False) -> None:
        """`trusting` takes any certificate for good, as those of nodes on one machine."""
        self.context: BrowserContext = browser.new_context(
            viewport={"width": 1280, "height": 900}, ignore_https_errors=trusting
        )
        self.page: Page = self.context.new_page()
        self.origin = origin
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def visit(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.origin + path)
        return self.page

    def sign_up(self, name: str) -> str:
        """All of it: proof of work, the twelve words, two of them asked back. The phrase."""
        page = self.visit("/sign-up/")
        page.get_by_label("Name", exact=False).first.fill(name)
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url("**/sign-up/phrase/", timeout=SOON)
        words = page.locator("#phrase-words li").all_inner_texts()
        assert len(words) == 12
        page.get_by_role("link", name="I have written them down").click()
        for field in page.locator("form.panel .field").all():
            place = int(re.findall(r"\d+", field.inner_text())[0])
            field.locator("input").fill(words[place - 1])
        page.get_by_role("button", name="Make my account").click()
        page.wait_for_url(lambda url: "/sign-up" not in url, timeout=SOON)
        return " ".join(words)

    def log_in_with(self, phrase: str) -> None:
        """By the twelve words."""
        page = self.visit("/log-in/")
        form = page.get_by_role("region", name="With your recovery phrase")
        form.get_by_role("textbox").fill(phrase)
        form.get_by_role("button").click()
        page.wait_for_url(lambda url: "/log-in" not in url, timeout=SOON)

    def upload(self, film: Path) -> str:
        """Choose a file; the address of its page when all of it has arrived."""
        page = self.visit("/upload/")
        page.locator("wt-upload input[type=file]").set_input_files(film)
        expect(page.get_by_text("All of it has arrived.")).to_be_visible(timeout=SOON)
        found = page.locator("wt-upload a[href^='/watch/']").first.get_attribute("href")
        assert found is not None
        return found.split("edit/")[0]

    def set_price(self, video: str, coins: str) -> None:
        page = self.visit(f"{video}edit/")
        page.get_by_label("Price of a viewing").fill(coins)
        page.get_by_role("button", name="Save").first.click()
        expect(page.get_by_text("Saved.").first).to_be_visible()

    def plays(self, *, seconds: float = 2.0) -> None:
        """The film on this page really runs."""
        self.page.locator("wt-player video").wait_for(state="attached", timeout=SOON)
        self.until("video.readyState > 1")
        self.page.evaluate(f"{VIDEO}; void video.play()")
        self.until(f"video.currentTime > {seconds}")

    def until(self, condition: str, *, within: float = SOON / 1000) -> None:
        """Wait until something is true of the player's `video`.

        Asked again and again from outside: the site's policy lets no page run strings.
        """
        deadline = time.monotonic() + within
        while not self.page.evaluate(f"{VIDEO}; Boolean(video && {condition})"):
            assert time.monotonic() < deadline, f"{condition} did not become true"
            time.sleep(0.1)

    def _hear(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind == "error":
            self.complaints.append(str(text))

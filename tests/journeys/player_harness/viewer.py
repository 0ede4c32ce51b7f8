"""A person at a page with the player: what they do, and what the player says it does."""

import time
from typing import Any

from playwright.sync_api import Page

STAGE = "document.querySelector('wt-player').stage"


class Viewer:
    """Wraps a Playwright page; `heard` holds everything its console and its errors said."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heard: list[str] = []
        page.set_default_timeout(8_000)
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self._hear("error", str(error)))

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_selector("wt-player[ready]")

    def ask(self, expression: str) -> Any:
        return self.page.evaluate(f"(() => {{ const stage = {STAGE}; return {expression}; }})()")

    def video(self, name: str) -> Any:
        return self.ask(f"stage.video.{name}")

    @property
    def time(self) -> float:
        return float(self.video("currentTime"))

    def wait(self, expression: str, seconds: float = 8.0) -> None:
        """Until the expression over `stage` is true; AssertionError with it when it never is."""
        end = time.monotonic() + seconds
        while not self.ask(expression):
            assert time.monotonic() < end, f"never: {expression}; heard {self.heard}"
            self.page.wait_for_timeout(60)

    def play(self) -> None:
        self.page.click(".wt-touch", position={"x": 40, "y": 40})
        self.wait("!stage.video.paused && stage.video.currentTime > 0.05")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def listen(self, event: str) -> None:
        """Keep the details of an event of the player in `window.told`."""
        self.page.evaluate(
            """name => { window.told = [];
            document.addEventListener(name, event => window.told.push(event.detail)); }""",
            event,
        )

    def told(self) -> list[Any]:
        return list(self.page.evaluate("window.told"))

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.heard.append(text)

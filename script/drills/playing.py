"""A film played to its end in a real browser by our player, and how long its viewer waited."""

from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
READY = 60_000  # milliseconds
WATCH = """() => {
  const video = document.querySelector('wt-player').stage.video;
  const seen = window.seen = { waited: 0, stalls: 0, begun: 0, since: 0 };
  const now = () => performance.now() / 1000;
  video.addEventListener('playing', () => {
    if (!seen.begun) seen.begun = now();
    if (seen.since) { seen.waited += now() - seen.since; seen.since = 0; }
  });
  video.addEventListener('waiting', () => {
    if (seen.begun && !video.seeking && !seen.since) { seen.since = now(); seen.stalls += 1; }
  });
  video.muted = true;
}"""
STANDS = """() => {
  const video = document.querySelector('wt-player').stage.video;
  return [video.currentTime, video.ended, window.seen.waited, window.seen.stalls];
}"""


@dataclass(frozen=True)
class Played:
    """Seconds that were played and waited for, after the first picture."""

    seconds: float
    waited: float
    stalls: int

    @property
    def ratio(self) -> float:
        """Of waiting in all the time since the first picture: the rebuffer ratio."""
        return self.waited / max(self.seconds + self.waited, 0.001)


class Playing:
    """A viewer at the watch page; `to` says up to which second to play."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        page.set_default_timeout(READY)
        page.goto(address)
        page.wait_for_selector("wt-player[ready]")
        page.evaluate(WATCH)
        page.click(".wt-touch", position={"x": 40, "y": 40})
        page.wait_for_function("window.seen.begun > 0")

    def to(self, second: float, *, within: float) -> Played:
        """Until the film is that far, or ends, or so many seconds have passed."""
        for _ in range(int(within * 5)):
            at, has_ended, waited, stalls = self._page.evaluate(STANDS)
            if has_ended or at >= second:
                break
            self._page.wait_for_timeout(200)
        return Played(float(at), float(waited), int(stalls))


class Browser:
    """Chromium, for as long as the context lasts."""

    def __enter__(self) -> "Browser":
        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        return self

    def __exit__(self, *_: object) -> None:
        self._chromium.close()
        self._playwright.stop()

    def play(self, address: str) -> Playing:
        return Playing(self._chromium.new_page(), address)

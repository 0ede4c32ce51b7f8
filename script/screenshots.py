"""`script/screenshots`: every page of a small, living WeTube, in four looks, with axe on each.

`--readme` also writes the three pictures the README shows.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from script import system_packages
from script.drills.rig import Rig, running
from script.set_up import set_up
from script.shell import ROOT, CommandFailed, must, say

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
LOOKS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]
HEIGHTS = {1280: 900, 390: 844}
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
OUT = ROOT / "var" / "screenshots"
README = ROOT / "docs" / "images"
README_SHOWS = {("home", 1280, "light"), ("watch", 1280, "dark"), ("wallet", 390, "light")}
SEED = """
import json
from wetube.people import joining, passwords, phrases
from wetube.people.models import User
people = {}
for name in ("marina", "tomas"):
    user, master = joining.join(name=name, words=phrases.new())
    passwords.set_for(user, master, "a long password")
    people[name] = user.channels.first().handle
User.objects.filter(name="marina").update(is_operator=True)
print(json.dumps(people))
"""
DRESS = """
from wetube.people.models import Channel
from wetube.video import editing, paying
from wetube.people.models import User
from wetube.video.models import Video
Channel.objects.filter(owner__name="marina").update(name="Marina films the sea",
    description="Weather, waves and light, filmed from one window.")
told = "Four hours of weather in half a minute.\\n\\n0:00 Calm\\n0:04 First wind\\n0:08 The storm"
films = list(Video.objects.order_by("pk"))
for film, title, price in zip(films, ("Storm over the harbour", "Evening in colours",
                                      "Slow light", "Northern sky"), (50_000_000, 0, 0, 5_000_000)):
    editing.edit(film, {"title": title, "price": price, "description": told, "tags": ["sea"]})
paying.pay(films[0], viewer=User.objects.get(name="tomas"), agreed=50_000_000)
from wetube.cloudcoin import rollup
from wetube.giving import pots, tips
tomas = User.objects.get(name="tomas")
tips.give(tomas, films[0].channel, amount=10_000_000, reference="sea",
          said=tips.Said("For the storm", is_named=True))
pot = pots.fill(tomas, amount=200_000_000)
pots.month_now(pot).attention.create(channel=films[0].channel, seconds=1234)
rollup.roll_up()
"""
COLOURS = (
    "c0=0x0b132b:c1=0x1c2541:c2=0x3a506b:c3=0x5bc0be:c4=0xe0fbfc",
    "c0=0x2d00f7:c1=0x8900f2:c2=0xf20089:c3=0xffb600:c4=0xff5400",
    "c0=0x10002b:c1=0x5a189a:c2=0xc77dff:c3=0xe0aaff:c4=0x240046",
    "c0=0x081c15:c1=0x1b4332:c2=0x52b788:c3=0xd8f3dc:c4=0x2d6a4f",
)


def main(words: list[str]) -> int:
    system_packages.install(("chromium", "ffmpeg", "bwrap"))
    try:
        set_up(dev=True)
    except CommandFailed as failure:
        say(str(failure))
        return 1
    OUT.mkdir(parents=True, exist_ok=True)
    with running() as rig, sync_playwright() as playwright:
        keys = _fill(rig)
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        found = [line for look in LOOKS for line in _tour(chromium, rig, keys, look, words)]
    for line in sorted(set(found)):
        say(line)
    say(f"{len(list(OUT.glob('*.png')))} pictures in {OUT}, {len(set(found))} serious findings")
    return min(len(found), 1)


def _fill(rig: Rig) -> list[str]:
    """Two people, four published films, one paid viewing."""
    rig.shell(SEED)
    keys = []
    for number, colours in enumerate(COLOURS):
        film = rig.folder.parent / f"film {number}.mp4"
        _make(film, colours)
        words = ["upload", str(film), "--channel", "marina", "--wait"]
        rig.shell(f"from django.core.management import call_command; call_command(*{words!r})")
        newest = "SELECT key FROM video_video ORDER BY id DESC LIMIT 1"
        keys.append(str(rig.rows(newest)[0][0]))
    rig.shell(DRESS)
    return keys


def _make(film: Path, colours: str) -> None:
    picture = f"gradients=size=1280x720:rate=24:n=5:speed=0.03:{colours}:duration=12"
    sound = "sine=frequency=220:duration=12"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    must(["ffmpeg", "-v", "error", "-y", *inputs, *codecs, str(film)])


def _pages(keys: list[str]) -> Iterator[tuple[str, str, str]]:
    """(name, who looks, path)."""
    paid, free = keys[0], keys[1]
    yield from (
        ("home", "", "/"),
        ("watch", "", f"/watch/{free}/"),
        ("pay", "tomas", f"/watch/{keys[3]}/"),
        ("watch-paid", "tomas", f"/watch/{paid}/"),
        ("channel", "", "/@marina/"),
        ("search", "", "/search/?q=light"),
        ("search-empty", "", "/search/?q=submarine"),
        ("sign-up", "", "/sign-up/"),
        ("log-in", "", "/log-in/"),
        ("upload", "marina", "/upload/"),
        ("library", "marina", "/library/"),
        ("edit", "marina", f"/watch/{free}/edit/"),
        ("following", "tomas", "/following/"),
        ("wallet", "tomas", "/wallet/"),
        ("top-up", "tomas", "/wallet/top-up/"),
        ("withdraw", "tomas", "/wallet/withdraw/"),
        ("spending", "tomas", "/wallet/history/"),
        ("tabs", "tomas", "/wallet/tabs/"),
        ("own-wallet", "tomas", "/wallet/own/"),
        ("income", "marina", "/wallet/income/"),
        ("tips", "marina", "/wallet/tips/"),
        ("tip", "tomas", "/tips/@marina/"),
        ("pot", "tomas", "/wallet/pot/"),
        ("nodes", "", "/nodes/"),
        ("node", "tomas", "/node/"),
        ("node-set-up", "tomas", "/node/set-up/"),
        ("node-alarms", "tomas", "/node/alarms/"),
        ("node-refusals", "tomas", "/node/refusals/"),
        ("refused", "marina", "/refused/"),
        ("pins", "tomas", "/settings/pins/"),
        ("settings", "marina", "/settings/"),
        ("channels", "marina", "/settings/channels/"),
        ("security", "marina", "/settings/security/"),
        ("tokens", "marina", "/settings/tokens/"),
        ("health", "marina", "/health/"),
        ("books", "marina", "/health/books/"),
        ("about", "", "/about/"),
        ("shortcuts", "", "/shortcuts/"),
        ("missing", "", "/nothing-here/"),
    )


def _tour(
    chromium: Browser, rig: Rig, keys: list[str], look: tuple[int, str], words: list[str]
) -> Iterator[str]:
    """Take all pictures of one look; yields what axe finds serious."""
    width, scheme = look
    people: dict[str, Page] = {}
    for name, who, path in _pages(keys):
        page = people.get(who) or _enter(chromium, rig, who, look)
        people[who] = page
        page.goto(f"http://127.0.0.1:{rig.ports[0]}{path}")
        page.wait_for_timeout(1200)
        if name.startswith("watch"):
            page.evaluate("const v = document.querySelector('wt-player video'); v && v.play()")
            page.wait_for_timeout(2500)
            page.mouse.move(width / 3, 300)  # the controls come up
            page.wait_for_timeout(500)
        page.screenshot(path=OUT / f"{name}-{width}-{scheme}.png")
        if "--readme" in words and (name, width, scheme) in README_SHOWS:
            README.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=README / f"{name}.png")
        yield from (f"{name} ({width}, {scheme}): {fault}" for fault in _faults(page))


def _enter(chromium: Browser, rig: Rig, who: str, look: tuple[int, str]) -> Page:
    width, scheme = look
    context = chromium.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,  # for axe alone, which is put into the page from outside
    )
    page = context.new_page()
    if who:
        page.goto(f"http://127.0.0.1:{rig.ports[0]}/log-in/")
        page.locator("input[name=name]").fill(who)
        page.locator("input[name=password]").fill("a long password")
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(lambda url: "/log-in" not in url)
    return page


def _faults(page: Page) -> Iterator[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    for violation in found["violations"]:
        if violation["impact"] in {"serious", "critical"}:
            where = json.dumps(violation["nodes"][0]["target"])
            yield f"{violation['id']}: {violation['help']} {where}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

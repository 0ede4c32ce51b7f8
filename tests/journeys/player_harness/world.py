"""The world of the player's journeys: a site, a gateway, a browser and who comes, as fixtures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser

from tests.journeys.player_harness import media
from tests.journeys.player_harness.media import Film
from tests.journeys.player_harness.server import NONCE, Gateway, Server, Site
from tests.journeys.player_harness.viewer import Viewer

PAGE = Path(__file__).parent / "page.html"
CHAPTERS = [
    {"start": 0, "title": "Dawn"},
    {"start": 8, "title": 'A "quoted" <noon>'},
    {"start": 20, "title": "Dusk"},
]


@dataclass
class World:
    """The two servers, and whoever comes to them."""

    gateway: Gateway
    site: Site
    gateway_origin: str
    site_origin: str
    browser: Browser
    viewers: list[Viewer]

    def prefix(self, grant: str = "first", kind: str = "ipfs") -> str:
        return f"{self.gateway_origin}/g/{grant}/{kind}/film"

    def address(self, name: str = "film", **context: Any) -> str:
        """Where a page with the player now lies; `source` and all else change what it is given."""
        prefix = self.prefix()
        source = {
            "prefix": prefix,
            "hls": "master.m3u8",
            "progressive": "progressive.mp4",
            "poster": f"{prefix}/poster.jpg",
            "storyboard": f"{prefix}/storyboard.vtt",
            "renew": "/grant/",
            **context.pop("source", {}),
        }
        captions = [
            {"src": f"{prefix}/en.vtt", "lang": "en", "label": "English"},
            {"src": f"{prefix}/es.vtt", "lang": "es", "label": "Español"},
        ]
        whole = {
            "source": source,
            "captions": captions,
            "chapters": CHAPTERS,
            "viewing": {"url": "/views/", "token": f"token-of-{name}"},
            "video": {"key": name, "title": "Ada's “film”"},
            "channel": {"name": "Ada"},
            "csrf_token": "csrf-of-page",
            **context,
        }
        player = render_to_string("video/player.html", whole)
        page = PAGE.read_text().replace("THEME", "light")
        self.site.pages[name] = page.replace("NONCE", NONCE).replace("PLAYER", player)
        return f"{self.site_origin}/{name}"

    def viewer(self, **options: Any) -> Viewer:
        options = {"viewport": {"width": 1280, "height": 800}} | options
        viewer = Viewer(self.browser.new_context(**options).new_page())
        self.viewers.append(viewer)
        return viewer


@pytest.fixture(name="short_film", scope="module")
def make_film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Encoded once, for whichever module comes first."""
    return media.make(tmp_path_factory.getbasetemp() / "player-film")


@pytest.fixture(name="world")
def open_world(short_film: Film, browser: Browser, repository: Path) -> Iterator[World]:
    gateway, site = Gateway(short_film), Site(repository)
    with Server(gateway.answer) as content, Server(site.answer) as pages:
        site.gateway_origin = content.origin
        world = World(gateway, site, content.origin, pages.origin, browser, [])
        yield world
        for viewer in world.viewers:
            viewer.page.context.close()
        assert site.reports == []


@pytest.fixture(name="watching")
def begin_watching(world: World) -> Callable[..., Viewer]:
    """A viewer who has opened the page and pressed play."""

    def begin(fragment: str = "", options: dict[str, Any] | None = None, **context: Any) -> Viewer:
        viewer = world.viewer(**(options or {}))
        viewer.open(world.address(**context) + fragment)
        viewer.play()
        return viewer

    return begin

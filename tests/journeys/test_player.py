"""The player in a real browser under the strict policy: it plays and obeys, by every hand."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys.player_harness.viewer import Viewer
from tests.journeys.player_harness.world import (  # noqa: F401 - the fixtures of these tests
    World,
    begin_watching,
    make_film,
    open_world,
)

pytestmark = pytest.mark.journey

PHONE = {"width": 390, "height": 844}
PLAYED = """(ranges => [...Array(ranges.length).keys()].reduce(
    (sum, each) => sum + ranges.end(each) - ranges.start(each), 0))(stage.video.played)
"""  # seconds of film; a seek adds none


def test_a_film_plays_shows_its_storyboard_and_counts_one_view(
    world: World, watching: Callable[..., Viewer]
) -> None:
    ada = watching()
    ada.page.hover("wt-time-bar", position={"x": 640, "y": 5})
    ada.wait("document.querySelector('wt-time-bar').getAttribute('mediapreviewimage')")
    picture = ada.ask("document.querySelector('wt-time-bar').getAttribute('mediapreviewimage')")
    assert picture.startswith(world.prefix() + "/storyboard.jpg#xywh=")
    shown = ada.ask("document.querySelector('wt-time-bar').getAttribute('mediapreviewchapter')")
    assert shown == 'A "quoted" <noon>'
    ada.press("l")  # a seek is not watching: it may not bring the view nearer
    ada.wait("stage.video.currentTime > 10")
    assert ada.page.inner_text(".wt-chapter") == 'Chapters\nA "quoted" <noon>'
    while ada.ask(PLAYED) < 5:
        assert world.site.views == []
        ada.page.wait_for_timeout(100)
    for _ in range(200):  # a busy machine plays ten seconds in more than ten
        if world.site.views:
            break
        ada.page.wait_for_timeout(100)
    assert world.site.views == [("token-of-film", "csrf-of-page")]
    ada.page.wait_for_timeout(400)
    assert len(world.site.views) == 1
    quality = ada.ask("stage.video.getVideoPlaybackQuality().totalVideoFrames")
    assert quality > 60
    assert ada.heard == []


def test_qualities_are_chosen_and_remembered(watching: Callable[..., Viewer]) -> None:
    ada = watching()
    ada.page.click("[data-name=settings]")
    ada.page.click("text=Quality")
    rows = ada.page.locator(".wt-menu [role=menuitemradio]")
    assert rows.all_inner_texts() == ["720p", "360p", "240p", "Automatic"]
    rows.nth(2).click()
    ada.wait("stage.video.videoHeight === 240")
    assert not ada.video("paused")
    ada.page.reload()
    ada.page.wait_for_selector("wt-player[ready]")
    ada.wait("stage.video.videoHeight === 240")
    ada.ask("stage.qualities.choose(-1)")
    ada.play()
    ada.wait("stage.video.videoHeight > 240", seconds=12)


def test_the_data_saver_bounds_the_quality(watching: Callable[..., Viewer]) -> None:
    ada = watching()
    ada.wait("stage.video.videoHeight === 720", seconds=12)
    ada.page.click("[data-name=settings]")
    ada.page.click("text=Save data")
    ada.wait("stage.video.videoHeight < 480", seconds=12)
    assert "MB loaded" in ada.page.inner_text(".wt-menu-note")


def test_every_key_does_what_the_shortcuts_page_says(watching: Callable[..., Viewer]) -> None:
    ada = watching(has_next=True)
    ada.press("k")
    ada.wait("stage.video.paused")
    for key, expected in (("5", 15), ("l", 25), ("j", 15), ("ArrowLeft", 10), ("ArrowRight", 15)):
        ada.press(key)
        assert ada.time == pytest.approx(expected, abs=0.2), key
    ada.press(".")
    assert ada.time == pytest.approx(15 + 1 / 30, abs=0.01)
    ada.press("Home")
    assert ada.time == 0
    ada.press("ArrowDown", "ArrowDown", "m")
    assert (ada.video("volume"), ada.video("muted")) == (0.9, True)
    ada.press(">", ">", "<")
    assert ada.video("playbackRate") == 1.25
    ada.press("c")
    assert ada.ask("stage.captions.chosen.label") == "English"
    ada.press("t")
    assert ada.page.get_attribute("wt-player", "theatre") == ""
    ada.press("f")
    ada.wait("document.fullscreenElement === stage.controller")
    ada.press("f")
    ada.wait("document.fullscreenElement === null")
    for key, event in (("n", "wt-next"), ("?", "wt-shortcuts")):
        ada.listen(event)
        ada.press(key)
        assert len(ada.told()) == 1, key
    before = ada.time
    ada.page.fill("[name=comment]", "")
    ada.page.focus("[name=comment]")
    ada.press("l", "k", "3")
    assert (ada.page.input_value("[name=comment]"), ada.time) == ("lk3", before)


def test_the_menu_obeys_the_keyboard(watching: Callable[..., Viewer]) -> None:
    ada = watching()
    ada.page.focus("[data-name=settings]")
    ada.press("Enter", "ArrowDown", "ArrowRight", "End", "ArrowUp", "Enter")
    assert ada.video("playbackRate") == 1.75
    assert ada.ask("document.activeElement.textContent") == "Quality" + ada.ask(
        "document.activeElement.querySelector('small').textContent"
    )
    ada.press("Escape")
    assert ada.ask("document.activeElement.dataset.name") == "settings"
    assert not ada.page.is_visible(".wt-menu")
    assert not ada.video("paused")


def test_times_in_links(world: World) -> None:
    ada = world.viewer()
    ada.page.goto(world.address())
    asked = "async text => (await import('/static/js/player/clock.js')).startIn(text)"
    written = {"90": 90, "1m30s": 90, "1h2m3s": 3723, "1:30": 90, "1.5s": 1.5, "soon": None}
    for text, seconds in written.items():
        for place in ({"hash": f"#t={text}", "search": ""}, {"hash": "", "search": f"?t={text}"}):
            assert ada.page.evaluate(asked, place) == seconds, text


def test_i_go_on_where_i_stopped(world: World, watching: Callable[..., Viewer]) -> None:
    ada = watching()
    ada.press("5")
    ada.wait("stage.video.currentTime > 15.2")
    ada.press("k")
    ada.page.reload()
    ada.page.wait_for_selector("wt-player[ready]")
    ada.wait("stage.video.currentTime >= 15")
    ada.play()
    assert "Going on at 0:15" in ada.page.inner_text(".wt-notice")
    ada.page.click("text=From the start")
    ada.wait("stage.video.currentTime < 3")
    ada.ask("stage.video.currentTime = 29")
    ada.wait("stage.video.ended")
    assert ada.page.evaluate("localStorage.getItem('wt-resume')") is None


def test_a_link_starts_at_its_time_and_later_ones_seek(watching: Callable[..., Viewer]) -> None:
    ada = watching("?t=0m12s")
    assert 12 <= ada.time < 15
    ada.page.evaluate("location.hash = 't=21'")
    ada.wait("stage.video.currentTime >= 21")


def test_sound_alone_keeps_the_controls_on_the_screen(watching: Callable[..., Viewer]) -> None:
    ada = watching(source={"hls": "sound.m3u8"})
    ada.wait("stage.element.hasAttribute('audio')")
    ada.page.wait_for_timeout(2_500)
    opacity = ada.ask("getComputedStyle(document.querySelector('.wt-bottom')).opacity")
    assert opacity == "1"


def test_a_phone_has_big_targets_and_double_taps(watching: Callable[..., Viewer]) -> None:
    ada = watching(options={"viewport": PHONE, "has_touch": True, "is_mobile": True})
    ada.press("k", "5")
    ada.wait("stage.video.paused")
    boxes = ada.ask(
        """[...document.querySelectorAll('.wt-row button, .wt-centre button')]
        .map(each => [each.dataset.name, each.getBoundingClientRect()])
        .filter(([, box]) => box.width)
        .map(([name, box]) => [name, box.left, box.right, box.width, box.height])"""
    )
    assert {"back", "play", "forward", "settings", "fullscreen", "captions", "mute"} <= {
        name for name, *_ in boxes
    }
    for name, left, right, width, height in boxes:
        assert left >= 0, name
        assert right <= PHONE["width"], name
        assert min(width, height) >= 44, name
    ada.page.tap("[data-name=settings]")
    ada.page.tap(".wt-menu-head")
    assert not ada.page.is_visible(".wt-menu")
    picture = ada.page.locator(".wt-touch").bounding_box()
    assert picture
    for _ in range(2):
        ada.page.touchscreen.tap(picture["x"] + 350, picture["y"] + 40)
    ada.wait("Math.abs(stage.video.currentTime - 25) < 0.3")
    assert ada.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(world: World, theme: str) -> None:
    ada = world.viewer(color_scheme=theme, bypass_csp=True)  # axe writes styles of its own
    ada.open(world.address())
    ada.play()
    ada.press("k")
    for opened in ("", "[data-name=settings]", "[data-name=chapters]"):
        if opened:
            ada.page.click(opened)
        found = Axe().run(ada.page, context="wt-player")
        assert found.violations_count == 0, found.generate_report()
        if opened:
            ada.press("Escape")


def test_without_javascript_the_plain_video_plays(world: World) -> None:
    page = world.browser.new_context(java_script_enabled=False).new_page()
    page.goto(world.address())
    page.evaluate("void document.querySelector('video').play()")
    page.wait_for_timeout(1_500)
    state = page.evaluate(
        """(video => [video.controls, video.currentSrc, video.textTracks.length, video.poster])
        (document.querySelector('video'))"""
    )
    prefix = world.prefix()
    assert state == [True, f"{prefix}/progressive.mp4", 2, f"{prefix}/poster.jpg"]
    assert page.evaluate("document.querySelector('video').currentTime") > 0
    page.context.close()

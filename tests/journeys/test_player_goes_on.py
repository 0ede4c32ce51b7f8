"""The player when its source changes or fails: it goes on at the same place, or says why not."""

import time
from collections.abc import Callable

import pytest

from tests.journeys.player_harness.viewer import Viewer
from tests.journeys.player_harness.world import (  # noqa: F401 - the fixtures of these tests
    World,
    begin_watching,
    make_film,
    open_world,
)

pytestmark = pytest.mark.journey


def test_a_film_is_watched_while_it_grows_and_becomes_the_finished_one(
    world: World, watching: Callable[..., Viewer]
) -> None:
    world.gateway.grown = 6.0
    growing = {"prefix": world.prefix(kind="live"), "growing": True, "storyboard": ""}
    ada = watching(source=growing)
    assert ada.time < 2
    assert ada.video("duration") == pytest.approx(6, abs=0.2)
    assert ada.page.is_visible(".wt-growing")
    ada.ask("stage.video.addEventListener('emptied', () => { window.emptied = true })")
    world.gateway.grown = 12.0
    ada.wait("stage.video.duration > 11.5")
    world.gateway.grown = 30.0
    ada.wait("stage.video.duration > 29.5 && !stage.source.growing", seconds=12)
    assert not ada.page.evaluate("window.emptied")
    assert not ada.video("paused")
    storyboard = world.prefix() + "/storyboard.vtt"
    world.site.renewal = {"prefix": world.prefix(), "expires": 0, "storyboard": storyboard}
    before = ada.time
    ada.ask("void stage.access.renew()")  # the player asks so itself, every quarter of a minute
    ada.wait("stage.video.videoHeight === 720", seconds=20)
    ada.wait(f"stage.video.currentTime >= {before}", seconds=10)
    assert not ada.video("paused")
    assert not ada.page.is_visible(".wt-growing")


@pytest.mark.parametrize("hls", ["master.m3u8", ""])
def test_an_ended_grant_is_renewed_without_a_word(
    world: World, watching: Callable[..., Viewer], hls: str
) -> None:
    world.gateway.reach = {"first": 0.4}
    world.gateway.grants = {"first", "second"}
    world.site.renewal = {"prefix": world.prefix("second")}
    ada = watching(source={"hls": hls})
    ada.press("8")
    ada.wait("stage.video.currentTime > 24.5 && stage.video.readyState > 2", seconds=15)
    assert world.site.renewed == 1
    assert world.gateway.asked["first", "refused"] >= 1
    assert any(grant == "second" for grant, _ in world.gateway.asked)
    assert not ada.page.is_visible(".wt-trouble")


def test_a_grant_is_renewed_before_it_ends(world: World) -> None:
    world.gateway.grants = {"first", "second"}
    world.site.renewal = {"prefix": world.prefix("second"), "expires": int(time.time()) + 600}
    ada = world.viewer()
    ada.page.add_init_script("localStorage.setItem('wt-player', '{\"saver\": true}')")
    ada.open(world.address(source={"expires": int(time.time()) + 7}))
    ada.play()
    ada.wait("stage.access.url('x').includes('/g/second/')")
    ada.press("9")
    ada.wait("stage.video.currentTime > 27.2")
    assert world.site.renewed == 1
    assert world.gateway.asked["first", "refused"] == 0
    assert world.gateway.asked["second", "a.mp4"] > 0


def test_an_ended_access_is_said_and_retry_goes_on(
    world: World, watching: Callable[..., Viewer]
) -> None:
    world.gateway.reach = {"first": 0.4}
    world.gateway.grants = {"first", "second"}
    ada = watching()
    ada.press("8")
    ada.page.wait_for_selector("text=Your access to this video has ended.")
    world.site.renewal = {"prefix": world.prefix("second")}
    ada.page.click("text=Try again")
    ada.wait("stage.video.currentTime > 24.5 && stage.video.readyState > 2")
    assert not ada.page.is_visible(".wt-trouble")


def test_a_lost_network_is_said_and_mends_itself(
    world: World, watching: Callable[..., Viewer]
) -> None:
    ada = watching()
    world.gateway.down = True
    ada.press("9")
    ada.page.wait_for_selector("text=The connection was lost. We keep trying.", timeout=15_000)
    world.gateway.down = False
    ada.wait("stage.video.currentTime > 27.2 && stage.video.readyState > 2", seconds=20)
    ada.page.wait_for_selector(".wt-trouble", state="hidden")


def test_a_paid_film_that_cannot_be_played_offers_the_money_back(world: World) -> None:
    world.gateway.missing = {"master.m3u8"}
    ada = world.viewer()
    address = world.address(refund_url="/refunds/1/")
    ada.page.add_init_script(
        "window.told = []; document.addEventListener('wt-failed', e => window.told.push(e.detail))"
    )
    ada.open(address)
    ada.page.wait_for_selector("text=This video is not available right now.", timeout=15_000)
    assert ada.told() == [{"reason": "unavailable", "refund": "/refunds/1/"}]

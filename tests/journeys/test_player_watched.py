"""The player says how long was watched: to those with a pot alone, and only what really played."""

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


def pause(viewer: Viewer) -> None:
    """And let what the player says arrive."""
    viewer.ask("stage.video.pause()")
    viewer.page.wait_for_timeout(500)


def test_a_pause_reports_what_was_played_and_no_seek(
    world: World, watching: Callable[..., Viewer]
) -> None:
    began = time.monotonic()
    ada = watching(slip="slip-of-film")
    ada.wait("stage.video.currentTime > 2")
    ada.press("l")  # ten seconds on
    ada.wait("stage.video.currentTime > 13")
    pause(ada)

    passed = time.monotonic() - began
    assert {(slip, token) for slip, _, token in world.site.watched} == {
        ("slip-of-film", "csrf-of-page")
    }
    assert 1 <= sum(seconds for _, seconds, _ in world.site.watched) <= min(passed, 8)
    said = len(world.site.watched)
    ada.page.wait_for_timeout(2_000)
    assert len(world.site.watched) == said
    assert ada.heard == []


def test_what_could_not_be_said_is_said_later(
    world: World, watching: Callable[..., Viewer]
) -> None:
    world.site.watched_answers = [503]
    ada = watching(slip="slip-of-film")
    ada.wait("stage.video.currentTime > 2.5")
    pause(ada)
    assert world.site.watched == []
    ada.play()
    ada.wait("stage.video.currentTime > 5")
    pause(ada)

    assert sum(seconds for _, seconds, _ in world.site.watched) >= 4


def test_a_refusal_is_final(world: World, watching: Callable[..., Viewer]) -> None:
    world.site.watched_answers = [400]
    ada = watching(slip="slip-of-film")
    ada.wait("stage.video.currentTime > 2")
    pause(ada)
    ada.play()
    ada.wait("stage.video.currentTime > 4")
    pause(ada)

    assert world.site.watched == []
    assert world.site.watched_answers == []


def test_without_a_pot_nothing_is_said(world: World, watching: Callable[..., Viewer]) -> None:
    ada = watching()
    ada.wait("stage.video.currentTime > 2")
    pause(ada)

    assert world.site.watched == []

"""One browser for all journeys, and one whole WeTube running for those that need it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from script.drills.rig import Rig, running
from tests.video.clips import make_clip

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """The real tree: site, gateway, workers, broker, on ports and a data folder of its own."""
    with running(READ_GRANT_SECONDS="60") as made:
        yield made


@pytest.fixture(scope="session")
def origin(rig: Rig) -> str:
    return f"http://127.0.0.1:{rig.ports[0]}"


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty seconds with picture and sound."""

    path = tmp_path_factory.mktemp("film") / "Storm at sea.mp4"
    return make_clip(path, seconds=30, size="854x480")


@pytest.fixture(scope="session")
def coin_rig() -> Iterator[Rig]:
    """A whole WeTube whose coin is on its embedded chain, and that pays out all the time.

    Nodes of this machine may join it.
    """
    nodes = {"NODE_RANGES": "127.0.0.0/8"}
    with running(READ_GRANT_SECONDS="60", PROOF_OF_WORK="0", PAYOUT_SECONDS="5", **nodes) as rig:
        ready = "SELECT chain_id FROM chain_deployment WHERE ready_at IS NOT NULL"
        rig.until(lambda: rig.rows(ready), 120, "the coin is on the chain")
        yield rig


@pytest.fixture(scope="session")
def site(coin_rig: Rig) -> str:
    return f"http://127.0.0.1:{coin_rig.ports[0]}"

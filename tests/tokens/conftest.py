"""One whole WeTube for the tests that speak to the mint from outside."""

from collections.abc import Iterator

import pytest

from script.drills.rig import Rig, running


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Site, gateway, workers and broker, on ports and a data folder of their own."""
    with running() as made:
        yield made

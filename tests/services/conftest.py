"""One film for all, a whole WeTube of each kind, and people who use it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from script import throwaway
from script.drills.rig import Rig, running
from tests.video.clips import make_clip

QUOTA = 50_000_000  # bytes


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds with picture and sound."""
    return make_clip(tmp_path_factory.mktemp("film") / "Storm at sea.mp4", seconds=3)


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """What everybody gets from one command: SQLite, and the Valkey that comes along."""
    with running(READ_GRANT_SECONDS="2", USER_QUOTA_BYTES=str(QUOTA)) as made:
        yield made


@pytest.fixture(scope="session")
def rig_on_servers() -> Iterator[Rig]:
    """The same code on PostgreSQL and Redis."""
    with (
        throwaway.postgres() as database,
        throwaway.redis() as broker,
        running(DATABASE_URL=database, REDIS_URL=broker) as made,
    ):
        yield made


@pytest.fixture(scope="session")
def rig_on_redis() -> Iterator[Rig]:
    """SQLite, and a broker that somebody else runs."""
    with throwaway.redis() as broker, running(REDIS_URL=broker) as made:
        yield made

"""A gateway over a node in memory, with one folder of content in it."""

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from gateway import Gateway, Uploads
from node_bridge import Cid, Grant, Keyring, MemoryEngine
from tests.gateway.asking import MemorySite
from tests.gateway.tus_speaker import Client

MOVIE = Random(1).randbytes(2 * (1 << 20) + 12_345)  # two blocks and a bit


@pytest.fixture
def engine() -> MemoryEngine:
    return MemoryEngine()


@pytest.fixture
def site() -> MemorySite:
    return MemorySite()


@pytest.fixture
def keyring() -> Keyring:
    return Keyring([b"a secret for the tests of the gateway"])


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads", reserve=0)


@pytest.fixture
def gateway(engine: MemoryEngine, site: MemorySite, keyring: Keyring, uploads: Uploads) -> Gateway:
    return Gateway(engine=engine, keyring=keyring, site=site.as_site(), uploads=uploads)


@pytest.fixture
def root(engine: MemoryEngine) -> Cid:
    """A folder with a movie, a playlist, a page and an empty file."""
    files = {
        "movie.mp4": MOVIE,
        "master.m3u8": b"#EXTM3U\n",
        "page.html": b"<script>alert(1)</script>",
        "nothing.txt": b"",
        "sub/caf\u00e9 100%.vtt": b"WEBVTT\n",
    }
    return engine.add_dir({name: engine.add([data]).cid for name, data in files.items()}).cid


@pytest.fixture
def open_root(root: Cid, site: MemorySite) -> Cid:
    site.door.open_roots.add(root)
    return root


@pytest.fixture
def sign(keyring: Keyring) -> Callable[..., str]:
    """`sign("read", cid, seconds=60)`: a token."""

    def sign(verb: str, subject: str, *, seconds: int = 60, limit: int = 0, key: str = "k") -> str:
        grant = Grant(verb, subject, int(time.time()) + seconds, limit, key)  # type: ignore[arg-type]  # a str from the test's own call
        return keyring.sign(grant)

    return sign


@pytest.fixture
def client(gateway: Gateway, sign: Callable[..., str]) -> Client:
    return Client(gateway, sign("upload", "film1", limit=1 << 20), "film1")

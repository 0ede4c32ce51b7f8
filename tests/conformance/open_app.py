"""A gateway where everything that is held is open: what conformance suites expect to meet.

Its node lies in `GATEWAY_FOLDER`.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from gateway import Gateway, Site, Uploads
from node_bridge import EmbeddedEngine, Keyring


class OpenSite:
    """A door that lets everybody in; takes nothing and counts nothing."""

    async def is_open(self, cid: str) -> bool:
        return True

    async def is_part_open(self, cid: str) -> bool:
        return True

    async def is_name_open(self, name: str) -> bool:
        return False

    async def resolve(self, name: str) -> str | None:
        return None

    async def finished(self, key: str, path: Path, size: int, filename: str) -> str:
        raise AssertionError("nobody was given leave to upload")

    async def delivered(self, counts: Mapping[str, int]) -> None:
        raise AssertionError("nothing is delivered under a grant")


def application() -> Gateway:
    """The factory that granian calls."""
    folder = Path(os.environ["GATEWAY_FOLDER"])
    site = OpenSite()
    return Gateway(
        engine=EmbeddedEngine(folder / "blocks", fsync=False),
        keyring=Keyring([b"no grant was ever signed with this"]),
        site=Site(site, site, site),
        uploads=Uploads(folder / "uploads", reserve=0),
    )

"""A gateway where everything that is held is open: what conformance suites expect to meet.

Its node lies in `GATEWAY_FOLDER`; it names itself, at `GATEWAY_URL`, as who has it all.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from gateway import Gateway, Peer, Site, Uploads
from node_bridge import EmbeddedEngine, Keyring
from node_bridge.network.identity import Identity
from node_bridge.network.multiaddrs import of_url


class OpenSite:
    """A door that lets everybody in and a router that knows one place; takes and counts nothing."""

    def __init__(self, url: str) -> None:
        self._me = Peer(Identity.create().peer_id, (of_url(url),))

    async def providers(self, cid: str) -> Sequence[Peer]:
        return [self._me]

    async def peer(self, peer_id: str) -> Peer | None:
        return self._me if peer_id == self._me.peer_id else None

    async def is_open(self, cid: str) -> bool:
        return True

    async def is_part_open(self, cid: str) -> bool:
        return True

    async def is_declined(self, path: str) -> bool:
        return False

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
    site = OpenSite(os.environ["GATEWAY_URL"])
    return Gateway(
        engine=EmbeddedEngine(folder / "blocks", fsync=False),
        keyring=Keyring([b"no grant was ever signed with this"]),
        site=Site(site, site, site, router=site),
        uploads=Uploads(folder / "uploads", reserve=0),
    )

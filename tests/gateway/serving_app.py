"""The gateway that tests and benches serve: a node and a site in one folder, `GATEWAY_FOLDER`.

Its door opens the roots that the file `open` lists. Its receiver writes what
it took to `taken.jsonl`, its meter to `delivered.jsonl`.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path

from gateway import Gateway, Site, Uploads
from node_bridge import EmbeddedEngine, Keyring, NodeEngine
from node_bridge.kubo import KuboEngine
from node_bridge.kubo_rpc import Rpc

SECRET = b"a secret that only tests and benches know"


class FolderSite:
    """Door, receiver and meter over a few files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def is_open(self, cid: str) -> bool:
        return cid in await asyncio.to_thread(self._lines, "open")

    async def is_part_open(self, cid: str) -> bool:
        return False

    async def is_declined(self, path: str) -> bool:
        return False

    async def is_name_open(self, name: str) -> bool:
        return False

    async def resolve(self, name: str) -> str | None:
        return None

    async def finished(self, key: str, path: Path, size: int, filename: str) -> str:
        await asyncio.to_thread(self._append, "taken.jsonl", [key, str(path), size, filename])
        return f"http://site.example/watch/{key}"

    async def delivered(self, counts: Mapping[str, int]) -> None:
        await asyncio.to_thread(self._append, "delivered.jsonl", dict(counts))

    def _lines(self, name: str) -> list[str]:
        path = self._folder / name
        return path.read_text().split() if path.exists() else []

    def _append(self, name: str, record: object) -> None:
        with (self._folder / name).open("a") as out:
            out.write(json.dumps(record) + "\n")


def _engine(folder: Path) -> NodeEngine:
    """Our own, or the Kubo at `GATEWAY_KUBO`."""
    if rpc := os.environ.get("GATEWAY_KUBO"):
        return KuboEngine(Rpc(rpc))
    return EmbeddedEngine(folder / "blocks", fsync=False)


def application() -> Gateway:
    """The factory that granian calls."""
    folder = Path(os.environ["GATEWAY_FOLDER"])
    site = FolderSite(folder)
    return Gateway(
        engine=_engine(folder),
        keyring=Keyring([SECRET]),
        site=Site(site, site, site),
        uploads=Uploads(folder / "uploads", reserve=0),
    )

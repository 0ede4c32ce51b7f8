"""A client that speaks tus to a gateway in process."""

import time
from base64 import b64encode
from pathlib import Path
from random import Random

from gateway import Gateway, Upload, Uploads
from tests.gateway.asking import Reply, ask

DATA = Random(2).randbytes(300_000)
PIECES = [DATA[at : at + 50_000] for at in range(0, len(DATA), 50_000)]
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


class Client:
    """Speaks tus to the gateway under one grant."""

    def __init__(self, gateway: Gateway, token: str, key: str) -> None:
        self.gateway = gateway
        self.base = f"/g/{token}/uploads"
        self.place = f"{self.base}/{key}"

    async def create(self, length: int = len(DATA), **headers: str) -> Reply:
        given = {**TUS, "Upload-Length": str(length), **_dashed(headers)}
        return await ask(self.gateway, "POST", self.base, given)

    async def patch(
        self, offset: int, body: list[bytes], *, cut: bool = False, **headers: str
    ) -> Reply:
        given = {**TUS, **BYTES, "Upload-Offset": str(offset), **_dashed(headers)}
        return await ask(self.gateway, "PATCH", self.place, given, body, cut=cut)

    async def head(self) -> Reply:
        return await ask(self.gateway, "HEAD", self.place, TUS)

    async def offset(self) -> int:
        return int((await self.head()).headers["upload-offset"])

    async def delete(self) -> Reply:
        return await ask(self.gateway, "DELETE", self.place, TUS)


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def named(name: str) -> str:
    return "filename " + b64encode(name.encode()).decode()


def files_in(folder: Path) -> list[str]:
    """The names of all files below."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def wait_for_bytes(upload: Upload, uploads: Uploads) -> None:
    """Until something has arrived."""
    while not uploads.offset(upload):
        time.sleep(0.01)

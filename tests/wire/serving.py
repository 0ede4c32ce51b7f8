"""The gateway as people run it: granian in a process of its own, on this test's books and chain."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx
from django.conf import settings
from django.db import connection

from tests.gateway.serving import free_port

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN = 40.0


def database_url() -> str:
    place = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    host, port = quote(place["HOST"] or "", safe=""), place["PORT"] or ""
    return f"postgres://{place['USER']}:{place['PASSWORD']}@{host}:{port}/{place['NAME']}"


@dataclass
class Served:
    """A gateway on loopback; `kill` is kill -9, and `start` goes on with what is on disk."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        granian = str(Path(sys.executable).parent / "granian")
        words = ["--interface", "asgi", "--http", "1", "--host", "127.0.0.1", "--no-ws"]
        quiet = ["--log-level", "warning", "--no-access-log", "--workers", "1"]
        with (self.folder / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [granian, *words, "--port", str(self.port), *quiet, "wetube.asgi:gateway"],
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_WITHIN
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "gateway.log").read_text())
            time.sleep(0.05)

    def kill(self) -> None:
        """With its workers: the process leads a group of its own."""
        assert self.process
        os.killpg(self.process.pid, 9)
        self.process.wait()

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=1).status_code == 200
        except httpx.HTTPError:
            return False

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "wetube.settings",
            "DATABASE_URL": database_url(),
            "WETUBE_DATA": str(self.folder),
            "KEYS_DIR": str(settings.KEYS_DIR),
            "CLOUDCOIN_RPC": settings.CLOUDCOIN_RPC,
            "GATEWAY_URL": self.url,
            "SECRET_KEY": settings.SECRET_KEY,
            "UNCONFIRMED_EXPOSURE": str(settings.UNCONFIRMED_EXPOSURE),
        }

"""A program that uses WeTube from outside: the API, tus uploads and the gateway, by plain HTTP."""

import http.client
import json
import time
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PIECE = 64 * 1024
PATIENCE = 90.0


class Refused(Exception):
    """The site said no; the message is its status and sentence."""


@dataclass
class Client:
    """`site` and `gateway` are ports on this machine."""

    site: int
    gateway: int
    token: str

    def is_served(self) -> bool:
        return self._answers(self.site, "/alive/") and self._answers(self.gateway, "/health")

    def announce(self, name: str, size: int) -> dict[str, Any]:
        """Begin an upload; asks again while the site is away. Raises Refused."""
        return dict(self.ask("POST", "/uploads", {"name": name, "size": size}))

    def film(self, key: str) -> dict[str, Any]:
        return dict(self.ask("GET", f"/videos/{key}"))

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One call of the API, repeated while nobody answers. Raises Refused."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        payload = None if body is None else json.dumps(body)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                status, text, _headers = self.request(
                    self.site, method, f"/api/v1{path}", payload, headers
                )
            except (OSError, http.client.HTTPException):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
                continue
            if status >= 400:
                raise Refused(f"{status}: {text.decode(errors='replace')[:300]}")
            return json.loads(text) if text else None

    def send(self, endpoint: str, file: Path, *, pause: float = 0.0) -> "Sending":
        """Create the upload at the gateway; raises Refused."""
        name = b64encode(file.name.encode(errors="replace")).decode()
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(file.stat().st_size),
            "Upload-Metadata": f"filename {name}",
        }
        status, text, answered = self.request(
            self.gateway, "POST", urlsplit(endpoint).path, None, headers
        )
        if status != 201:
            raise Refused(f"{status}: {text.decode(errors='replace')[:300]}")
        return Sending(self, urlsplit(answered["location"]).path, file, pause)

    def upload(self, file: Path, *, pause: float = 0.0) -> str:
        """Announce and send a whole file; returns the film's key."""
        announced = self.announce(file.name, file.stat().st_size)
        sending = self.send(announced["endpoint"], file, pause=pause)
        sending.finish()
        return str(announced["key"])

    def request(
        self,
        port: int,
        method: str,
        path: str,
        body: str | bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes, dict[str, str]]:
        """Status, body, and headers by lower-case name."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, answer.read(), named
        finally:
            connection.close()

    def _answers(self, port: int, path: str) -> bool:
        try:
            return self.request(port, "GET", path)[0] < 500
        except (OSError, http.client.HTTPException):
            return False


@dataclass
class Sending:
    """A tus upload under way, cut and taken up again as often as it takes."""

    client: Client
    place: str
    file: Path
    pause: float = 0.0
    acknowledged: int = 0
    lost: int = 0

    def finish(self) -> None:
        """Send what is missing, in pieces; goes on where the server says it stands."""
        size = self.file.stat().st_size
        deadline = time.monotonic() + PATIENCE
        while self.acknowledged < size:
            try:
                self._step()
                deadline = time.monotonic() + PATIENCE
            except (OSError, http.client.HTTPException):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
                self.ask_where()

    def _step(self) -> None:
        with self.file.open("rb") as source:
            source.seek(self.acknowledged)
            piece = source.read(PIECE)
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(self.acknowledged),
            "Content-Type": "application/offset+octet-stream",
        }
        status, _text, answered = self.client.request(
            self.client.gateway, "PATCH", self.place, piece, headers
        )
        if status != 204:
            raise OSError(f"the gateway answered {status}")
        self.acknowledged = int(answered["upload-offset"])
        time.sleep(self.pause)

    def ask_where(self) -> None:
        """What was acknowledged must still be there."""
        try:
            status, _text, answered = self.client.request(
                self.client.gateway, "HEAD", self.place, None, {"Tus-Resumable": "1.0.0"}
            )
        except (OSError, http.client.HTTPException):
            return
        if status == 200:
            stands = int(answered["upload-offset"])
            self.lost += max(0, self.acknowledged - stands)
            self.acknowledged = stands

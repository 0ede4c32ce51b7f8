"""Two loopback servers for the player's journeys: the page under a strict policy, and a gateway."""

import contextlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self
from urllib.parse import parse_qs, urlsplit

from tests.journeys.player_harness.media import Film, grown

TYPES = {
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mjs": "text/javascript",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
}
Headers = dict[str, str]
NONCE = "bm9uY2Utb2YtdGhlLWhhcm5lc3M"


class Server:
    """A threaded HTTP server on a free loopback port, for the length of a `with` block."""

    def __init__(self, answer: Callable[["Request"], None]) -> None:
        handler = type("Handler", (Request,), {"answer": staticmethod(answer)})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Request(BaseHTTPRequestHandler):
    """One request; `answer` is the server's own."""

    answer: ClassVar[Callable[["Request"], None]]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        type(self).answer(self)

    do_HEAD = do_POST = do_OPTIONS = do_GET  # noqa: N815 - the names http.server calls

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing: the browser's console is what the journeys read."""

    def reply(self, status: int, headers: Headers | None = None, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            with contextlib.suppress(ConnectionError):  # a player that seeks hangs up
                self.wfile.write(body)

    def file(self, body: bytes, name: str, headers: Headers, most: int = 0) -> None:
        """A whole file, or the bytes that Range asks for, up to `most` if that is given."""
        kind = TYPES.get(Path(name).suffix, "application/octet-stream")
        ranged = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        headers = headers | {"Content-Type": kind, "Accept-Ranges": "bytes"}
        if not ranged:
            self.reply(200, headers, body)
            return
        first = int(ranged[1])
        last = min(int(ranged[2] or len(body)), (most or len(body)) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        self.reply(206, headers, body[first : last + 1])


@dataclass
class Gateway:
    """Serves a film under `/g/<grant>/ipfs/film/…` and, half made, under `/g/<grant>/live/film/…`.

    `grants` are those not ended; `reach` ends one when more than that part of a file is asked for.
    """

    film: Film
    grants: set[str] = field(default_factory=lambda: {"first"})
    missing: set[str] = field(default_factory=set)
    grown: float = 0.0
    down: bool = False
    reach: dict[str, float] = field(default_factory=dict)
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def answer(self, request: Request) -> None:
        match = re.fullmatch(r"/g/(\w+)/(ipfs|live)/film/([\w.]+)", urlsplit(request.path).path)
        cors = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Headers": "Range",
            "Access-Control-Expose-Headers": "Content-Length, Content-Range",
        }
        if self.down:
            request.close_connection = True
        elif request.command == "OPTIONS":
            request.reply(204, cors)
        elif not match or match[3] in self.missing:
            request.reply(404, cors)
        elif match[1] not in self.grants:
            self.asked[match[1], "refused"] += 1
            request.reply(403, cors)
        else:
            self.asked[match[1], match[3]] += 1
            body = (self.film.folder / match[3]).read_bytes()
            if match[2] == "live":
                body = self._half_made(match[3], body)
            if match[3].endswith(".mp4") and match[1] in self.reach:
                self._up_to(self.reach[match[1]], request, body, match, cors)
            else:
                request.file(body, match[3], cors)

    def _up_to(
        self, part: float, request: Request, body: bytes, match: re.Match[str], cors: Headers
    ) -> None:
        end = int(len(body) * part)
        asked = re.match(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
        if asked and int(asked[2] or asked[1]) >= end:
            self.grants.discard(match[1])
            self.asked[match[1], "refused"] += 1
            request.reply(403, cors)
        else:
            request.file(body, match[3], cors, most=end)

    def _half_made(self, name: str, body: bytes) -> bytes:
        """The preview of a film that is being encoded: its lowest rung alone, as far as it is."""
        if name == "master.m3u8":
            lines = body.decode().split("\n")
            return "\n".join(lines[:6]).encode()
        if name.endswith(".m3u8") and self.grown < self.film.seconds:
            return grown(body.decode(), self.grown).encode()
        return body


@dataclass
class Site:
    """The page, the static files of the repository, the renewal of grants, the count of views.

    `watched` are reports of seconds (slip, seconds, token) that were answered well; the statuses
    in `watched_answers` are answered first.
    """

    repository: Path
    gateway_origin: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    renewal: dict[str, object] = field(default_factory=dict)
    renewed: int = 0
    views: list[tuple[str, str]] = field(default_factory=list)
    watched: list[tuple[str, int, str]] = field(default_factory=list)
    watched_answers: list[int] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)

    @property
    def policy(self) -> str:
        gateway = self.gateway_origin
        return "; ".join(
            [
                "default-src 'none'",
                f"script-src 'self' 'nonce-{NONCE}'",
                f"style-src 'self' 'nonce-{NONCE}'",
                f"img-src 'self' data: blob: {gateway}",
                f"media-src 'self' blob: {gateway}",
                f"connect-src 'self' {gateway}",
                "worker-src 'self' blob:",
                "font-src 'self'",
                "base-uri 'none'",
                "report-uri /report",
            ]
        )

    def answer(self, request: Request) -> None:
        path = urlsplit(request.path).path
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
        if path == "/report":
            self.reports.append(body)
            request.reply(204)
        elif path == "/views/" and request.command == "POST":
            token = parse_qs(body).get("token", [""])[0]
            self.views.append((token, request.headers.get("X-CSRFToken", "")))
            request.reply(204)
        elif path == "/wallet/pot/watched/" and request.command == "POST":
            request.reply(self._noted(parse_qs(body), request.headers.get("X-CSRFToken", "")))
        elif path == "/grant/":
            self.renewed += 1
            status = 200 if self.renewal else 403
            answer = json.dumps(self.renewal).encode()
            request.reply(status, {"Content-Type": "application/json"}, answer)
        elif path.startswith("/static/"):
            self._static(request, path)
        elif path.removeprefix("/") in self.pages:
            page = self.pages[path.removeprefix("/")].encode()
            request.file(page, "page.html", {"Content-Security-Policy": self.policy})
        else:
            request.reply(404)

    def _noted(self, said: dict[str, list[str]], token: str) -> int:
        status = self.watched_answers.pop(0) if self.watched_answers else 200
        if status == 200:
            self.watched.append((said["slip"][0], int(said["seconds"][0]), token))
        return status

    def _static(self, request: Request, path: str) -> None:
        file = (self.repository / path.removeprefix("/")).resolve()
        if file.is_file() and file.is_relative_to(self.repository / "static"):
            request.file(file.read_bytes(), file.name, {"Cache-Control": "no-cache"})
        else:
            request.reply(404)

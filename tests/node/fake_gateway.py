"""A gateway as a node meets it: takes signed requests, serves archives, answers what it is told."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from gateway.node.certificates import Certificate
from node_bridge.network import descriptions, requests
from node_bridge.network.descriptions import Description
from node_bridge.network.identity import Identity
from node_bridge.network.requests import Asked
from node_bridge.network.statements import Refused

Body = Callable[[], Iterator[bytes]]


@dataclass
class Gateway:
    """`heard` are the descriptions of heartbeats; `answer` what heartbeats are answered with.

    away: the status with which it answers everything while it is not there
    measured: bytes that came for nothing but to see how fast
    ahead: seconds by which its clock is
    """

    identity: Identity
    url: str = ""
    knows: set[str] = field(default_factory=set)
    heard: list[Description] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=lambda: {"state": "active", "again_in": 1})
    archives: dict[str, Body] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=lambda: {"wto_good"})
    seen: set[tuple[str, str]] = field(default_factory=set)
    measured: int = 0
    away: int = 0
    ahead: float = 0.0

    def until(self, has: Callable[[], object], *, seconds: float = 20) -> None:
        """Wait for something to be so; raises TimeoutError."""
        end = time.monotonic() + seconds
        while not has():
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(0.05)

    def take(self, asked: Asked, header: str) -> tuple[int, dict[str, Any]]:
        """The answer to a POST."""
        said = json.loads(asked.body or b"")
        self.asked.append(asked.path)
        if asked.path == "/nodes/v1/nodes":
            return self._register(said)
        try:
            peer = requests.read(
                header, asked, to=self.identity.peer_id, now=self._now(), is_first=self._first
            )
        except Refused as refused:
            said = {"error": type(refused).__name__, "detail": str(refused)}
            return 401, {**said, "now": self._now()}
        if peer not in self.knows:
            return 404, {"error": "UnknownNode", "detail": ""}
        if asked.path == "/nodes/v1/heartbeat":
            self.heard.append(self._description(said))
            return 200, self.answer
        return 200, {"state": "leaving"} if asked.path == "/nodes/v1/exit" else {}

    def _register(self, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if said["token"] not in self.tokens:
            return 401, {"error": "UnknownOperator", "detail": "This token is not known here."}
        self.knows.add(self._description(said).peer_id)
        return 201, {"key": "abc", "state": "joining"}

    def _description(self, said: dict[str, Any]) -> Description:
        now, own = self._now(), self.identity.peer_id
        return descriptions.read(said["statement"], gateway=own, now=now)

    def _now(self) -> float:
        return time.time() + self.ahead

    def _first(self, peer: str, name: str, until: int) -> bool:
        is_new = (peer, name) not in self.seen
        self.seen.add((peer, name))
        return is_new


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        return

    def do_GET(self) -> None:
        if self.server.gateway.away:
            self.server.gateway.asked.append(self.path)
            self._json(self.server.gateway.away, {})
            return
        if self.path == "/nodes/v1/gateway":
            self._json(200, {"peer_id": self.server.gateway.identity.peer_id})
            return
        body = self.server.gateway.archives.get(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Connection", "close")
        self.end_headers()
        for piece in body() if body else ():
            self.wfile.write(piece)
        self.close_connection = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path, _, size = self.path.partition("?size=")
        if path == "/nodes/v1/line":
            self.server.gateway.measured += len(body)
            self._send(200, b"x" * int(size))
            return
        asked = Asked("POST", self.path, body)
        if self.server.gateway.away:
            self._json(self.server.gateway.away, {})
            return
        self._json(*self.server.gateway.take(asked, self.headers.get("Authorization", "")))

    def _json(self, status: int, said: dict[str, Any]) -> None:
        self._send(status, json.dumps(said).encode())

    def _send(self, status: int, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    gateway: Gateway

    def handle_error(self, *args: object) -> None:
        return  # a node that hangs up on a liar

    def certify(self, certificate: Certificate) -> None:
        """Speak TLS from now on; each handshake is its own connection's matter."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )


@contextmanager
def running(certificate: Certificate | None = None) -> Iterator[Gateway]:
    """On loopback; without a certificate it speaks no TLS."""
    gateway = Gateway(Identity.create())
    server = _Server(("127.0.0.1", 0), _Handler)
    server.gateway = gateway
    gateway.url = f"http://127.0.0.1:{server.server_address[1]}"
    if certificate is not None:
        server.certify(certificate)
        gateway.url = gateway.url.replace("http://", "https://")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""Somebody who publishes a list of refusals."""

import ssl
from dataclasses import dataclass, field

from gateway.node.certificates import Certificate
from tests.network.peers import Asked, Peer, status


@dataclass
class Publisher:
    """Serves one list; `code` and `body` may change. It knows ETags."""

    certificate: Certificate
    body: bytes = b""
    code: int = 200
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.peer = Peer(self.certificate, self.answer)

    @property
    def url(self) -> str:
        return f"{self.peer.url}/list.deny?of=x"

    def says(self, *rules: str) -> None:
        self.body = "\n".join(["version: 1", "name: Theirs", "---", *rules, ""]).encode()

    def answer(self, asked: Asked, _line: ssl.SSLSocket) -> bytes:
        assert (asked.method, asked.target) == ("GET", "/list.deny?of=x")
        etag = f'"{hash(self.body)}"'
        self.seen.append(asked.headers.get("if-none-match", ""))
        if self.code != 200:
            return status(self.code, b"Location: https://127.0.0.1:1/\r\n")
        if self.seen[-1] == etag:
            return status(304)
        head = f"HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: {len(self.body)}\r\n\r\n"
        return head.encode() + self.body

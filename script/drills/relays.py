"""The way to a node, which a drill can spoil: plain, slow, or with somebody on it who lies.

A relay passes TLS on unread. One that lies has the node's own certificate, as a lying node would,
and turns a bit in every block and every proof.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Mode = Literal["plain", "slow", "lying"]
DELAY = 0.2  # seconds to the first byte of each answer
RATE = 125_000  # bytes a second: 1 Mbit/s
PIECE = 16_384
TURNED = bytes.maketrans(b"0123456789abcdef", b"123456789abcdef0")


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Relay:
    """Listens at `host` and leads to `port` there. What is under way ends when the mode changes."""

    def __init__(self, host: str, port: int, folder: Path) -> None:
        self._host = host
        self._to = (host, port)
        self._folder = folder
        self._listener = socket.create_server((host, 0))
        self.url = f"https://{host}:{self._listener.getsockname()[1]}"
        self.mode: Mode = "plain"
        self.lies = 0
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def become(self, mode: Mode) -> None:
        self.mode = mode
        self._hang_up()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._hang_up()

    def _hang_up(self) -> None:
        for each in list(self._open):
            with suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near, self.mode), daemon=True).start()

    def _serve(self, near: socket.socket, mode: Mode) -> None:
        self._open.add(near)
        with suppress(OSError, http.client.HTTPException, ValueError), near:
            if mode == "lying":
                self._lie(near)
            else:
                self._pass_on(near, is_slow=mode == "slow")
        self._open.discard(near)

    def _pass_on(self, near: socket.socket, *, is_slow: bool) -> None:
        with socket.create_connection(self._to) as far:
            self._open.add(far)
            up = threading.Thread(target=_pump, args=(near, far), daemon=True)
            up.start()
            (_drip if is_slow else _pump)(far, near)
            up.join()
            self._open.discard(far)

    def _lie(self, near: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / "certificate.pem", self._folder / "certificate.key")
        with context.wrap_socket(near, server_side=True) as line, line.makefile("rb") as incoming:
            while True:
                first = incoming.readline().decode().split()
                if len(first) != 3:
                    return
                headers = http.client.parse_headers(incoming)
                body = incoming.read(int(headers.get("Content-Length", "0")))
                line.sendall(self._turned(Asked(first[0], first[1], dict(headers), body)))

    def _turned(self, asked: Asked) -> bytes:
        """The node's answer, wrong where it matters."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # it is our own node, on this machine
        host, port = self._to
        far = http.client.HTTPSConnection(host, port, context=context, timeout=20)
        try:
            far.request(asked.method, asked.target, asked.body or None, dict(asked.headers))
            answer = far.getresponse()
            body = answer.read()
        finally:
            far.close()
        if answer.status == 200 and asked.target.startswith("/ipfs/") and body:
            body = body[:-1] + bytes((body[-1] ^ 1,))
            self.lies += 1
        elif answer.status == 200 and asked.target.startswith("/wt/v1/audits"):
            body = body.translate(TURNED)
            self.lies += 1
        head = f"HTTP/1.1 {answer.status} As it was\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(PIECE):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _drip(source: socket.socket, sink: socket.socket) -> None:
    """The same with a long way and a thin line."""
    quiet_since = 0.0
    with suppress(OSError):
        while data := source.recv(PIECE):
            if time.monotonic() - quiet_since > DELAY:
                time.sleep(DELAY)
            time.sleep(len(data) / RATE)
            sink.sendall(data)
            quiet_since = time.monotonic()
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)

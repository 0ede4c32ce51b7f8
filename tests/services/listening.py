"""A browser tab's WebSocket on a plain socket: enough of RFC 6455 to listen to a room."""

import os
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

from tests.services.person import Person

TEXT, CLOSE = 1, 8


class Tab:
    """An open connection; frames of a server are never masked."""

    def __init__(self, connection: socket.socket, status: str) -> None:
        self.status = status
        self._connection = connection
        self._stream = connection.makefile("rb")

    def messages(self, *, seconds: float) -> Iterator[str]:
        """What is said until the server closes or the time is over."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._connection.settimeout(left)
            kind, text = self._frame()
            if kind == CLOSE:
                return
            if kind == TEXT:
                yield text.decode()

    def _frame(self) -> tuple[int, bytes]:
        first, length = self._stream.read(2)
        if length in {126, 127}:
            length = int.from_bytes(self._stream.read(2 if length == 126 else 8))
        return first & 0x0F, self._stream.read(length)


@contextmanager
def listen(person: Person, room: str) -> Iterator[Tab]:
    """The handshake, with the person's cookies and from their address."""
    port = person.rig.ports[0]
    cookies = "; ".join(f"{name}={value}" for name, value in person.http.cookies.items())
    lines = [
        f"GET /live/{room}/ HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        f"User-Agent: {person.agent}",
        f"Cookie: {cookies}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
    ]
    source = (person.address, 0)
    with socket.create_connection(("127.0.0.1", port), timeout=20, source_address=source) as made:
        made.sendall("\r\n".join([*lines, "", ""]).encode())
        answered = b""
        while not answered.endswith(b"\r\n\r\n"):
            answered += made.recv(1)
        yield Tab(made, answered.split(b"\r\n")[0].decode())

"""Nodes that answer as a test tells them to, honest or not, over real TLS on loopback."""

import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_network
from threading import Event, Thread
from typing import IO

from gateway.node.certificates import Certificate
from node_bridge import MemoryEngine, NodeError
from node_bridge.cid import Cid
from node_bridge.network.addresses import Guard
from node_bridge.network.providers import Orders, Passes, Provider

LOOPBACK = Guard((ip_network("127.0.0.0/8"),))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.ipld.raw\r\n"


@dataclass(frozen=True)
class Asked:
    """One request; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def cid(self) -> Cid:
        return self.target.removeprefix("/ipfs/").partition("?")[0]


Answer = Callable[[Asked, ssl.SSLSocket], bytes | None]  # bytes to send; None: the line is closed


@dataclass
class Peer:
    """One node, listening until it is closed."""

    certificate: Certificate
    answer: Answer
    asked: list[Asked] = field(default_factory=list)
    lines: int = 0  # connections that were made to it

    def __post_init__(self) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate.certificate, self.certificate.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: set[socket.socket] = set()
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def provider(self, paid: Orders | None = None, passes: Passes | None = None) -> Provider:
        pin = self.certificate.digest
        return Provider(f"peer at {self.url}", self.url, pin, paid=paid, passes=passes)

    @property
    def has_visitors(self) -> bool:
        """Whether anybody is connected to it."""
        return any(thread.is_alive() for thread in self._threads[1:])

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        self._open.add(plain)
        with suppress(OSError), plain:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._context.wrap_socket(plain, server_side=True) as line:
                self.lines += 1
                self._open.add(line)
                with line.makefile("rb") as incoming:
                    while (asked := _read(incoming)) is not None:
                        self.asked.append(asked)
                        said = self.answer(asked, line)
                        if said is None:
                            return
                        line.sendall(said)


def _read(incoming: IO[bytes]) -> Asked | None:
    first = incoming.readline().decode().split()
    if len(first) != 3:
        return None
    headers = {}
    while line := incoming.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    body = incoming.read(int(headers.get("content-length", 0)))
    return Asked(first[0], first[1], headers, body)


# What a node may do


def whole(data: bytes) -> bytes:
    """A good answer with this body."""
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(data) + data


def status(code: int, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d Because\r\nContent-Length: 0\r\n%b\r\n" % (code, more)


def honest(engine: MemoryEngine, *, delay: float = 0.0) -> Answer:
    """Gives what the engine holds; takes everything that is handed in."""

    def answer(asked: Asked, line: ssl.SSLSocket) -> bytes:
        if asked.method == "POST":
            return status(204)
        time.sleep(delay)
        try:
            return whole(engine.get_block(asked.cid))
        except NodeError:
            return status(404)

    return answer


def always(said: bytes | None) -> Answer:
    return lambda _asked, _line: said


def broken_off(said: bytes) -> Answer:
    """Sends this and hangs up."""

    def answer(_asked: Asked, line: ssl.SSLSocket) -> None:
        line.sendall(said)

    return answer


def dripping(said: bytes, *, each: float, until: Event) -> Answer:
    """A byte at a time."""

    def answer(_asked: Asked, line: ssl.SSLSocket) -> None:
        for byte in said:
            line.sendall(bytes((byte,)))
            if until.wait(each):
                return

    return answer


def endless(said: bytes, again: bytes) -> Answer:
    """Goes on until the other side has had enough."""

    def answer(_asked: Asked, line: ssl.SSLSocket) -> None:
        line.sendall(said)
        while True:
            line.sendall(again)

    return answer


def silent(until: Event) -> Answer:
    def answer(_asked: Asked, _line: ssl.SSLSocket) -> None:
        until.wait(30)

    return answer


def wait_for(holds: Callable[[], bool], seconds: float = 3.0) -> None:
    """Until it holds; fails when it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.005)

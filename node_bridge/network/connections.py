"""Connections to nodes: TLS to an address that was checked, kept for the next request.

Requests run in threads, on the standard library's HTTP/1.1: over TLS it moves several times
what any HTTP/2 in Python does (docs/decisions/0014-reads-in-threads.md).
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from select import select
from threading import Lock

from node_bridge.network import addresses
from node_bridge.network.addresses import Address, Guard
from node_bridge.network.failures import Cancelled, TooSlow, Unreached, WrongCertificate
from node_bridge.network.providers import Provider
from node_bridge.network.ways import Ways

CONNECT = 4.0  # seconds for TCP, and again for TLS
IDLE = 20.0  # seconds a connection without work is kept; a granian node closes after 30
SPARE = 8  # such connections to one node
BUFFER = 1 << 16  # bytes read ahead

Place = tuple[str, str | None, str]  # a node's URL, certificate and name


class Call:
    """One request under way: until when, and how to give it up from another thread."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self.is_cancelled = False

    @property
    def left(self) -> float:
        """Seconds, more than none; raises TooSlow, Cancelled."""
        if self.is_cancelled:
            raise Cancelled("Nobody waits for this any more.")
        left = self._end - time.monotonic()
        if left <= 0:
            raise TooSlow("It did not come in time.")
        return left

    def cancel(self) -> None:
        """Wake whoever reads or writes for this call; it ends with Cancelled."""
        with self._lock:
            self.is_cancelled = True
            if self._socket is not None:
                _shut(self._socket)

    def use(self, connected: socket.socket | None) -> None:
        """What this call waits for from now on; None for nothing."""
        with self._lock:
            self._socket = connected
            if self.is_cancelled and connected is not None:
                _shut(connected)


class Line:
    """One connection to one node; a request at a time.

    It is what http.client takes for a socket: every read and write of it ends with the call.
    """

    def __init__(self, connected: ssl.SSLSocket, host: str) -> None:
        self.is_used = False  # whether it has carried an answer before
        self.since = 0.0  # when its last answer ended
        self._socket = connected
        self._patience = 0.0  # seconds that the socket waits
        self._call: Call | None = None
        self._http = http.client.HTTPConnection(host)
        self._http.auto_open = 0
        self._http.sock = self

    def request(
        self,
        call: Call,
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes | Iterable[bytes] | None,
    ) -> http.client.HTTPResponse:
        """The head of the answer; raises OSError, http.client.HTTPException, TooSlow, Cancelled."""
        self._call = call
        call.use(self._socket)
        self._http.request(method, target, body=body, headers=headers)
        return self._http.getresponse()

    def rest(self) -> None:
        """The call is over and all of its answer was read."""
        if self._call is not None:
            self._call.use(None)
        self._call = None
        self.is_used = True
        self.since = time.monotonic()

    @property
    def is_quiet(self) -> bool:
        """Neither closed from the other side nor talking out of turn."""
        return not self._socket.pending() and not select([self._socket], [], [], 0)[0]

    def hang_up(self) -> None:
        if self._call is not None:
            self._call.use(None)
        self._socket.close()

    # What http.client asks of a socket

    def sendall(self, data: bytes) -> None:
        self._hurry()
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return _Bounded(_Incoming(self), BUFFER)

    def close(self) -> None:
        """http.client hands the line over to an answer that lasts until it ends: not closed yet."""

    def receive(self, buffer: memoryview) -> int:
        self._hurry()
        return self._socket.recv_into(buffer)

    def _hurry(self) -> None:
        """Wait no longer than the call does; the clock is set anew when it is far off."""
        if self._call is None:
            return
        left = self._call.left
        if not left <= self._patience <= 1.2 * left:
            self._patience = 1.1 * left
            self._socket.settimeout(self._patience)


class _Incoming(io.RawIOBase):
    """The bytes of a line as a file; closing it leaves the line open."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._line.receive(buffer)


class _Bounded(io.BufferedReader):
    """Nobody reads to an unknown end: http.client would for a piece of -1 bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            raise http.client.IncompleteRead(b"")
        return super().read(size)


class Connections:
    """Lines to nodes, new ones and spare ones. `guard` says where they may lead."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._pinned = _context()
        self._pinned.check_hostname = False
        self._pinned.verify_mode = ssl.CERT_NONE  # the certificate itself is compared instead
        self._ways = Ways()
        self._spare: dict[Place, list[Line]] = {}
        self._swept = time.monotonic()
        self._lock = Lock()

    @contextmanager
    def line(self, provider: Provider, call: Call, *, fresh: bool = False) -> Iterator[Line]:
        """A line for one request; it is closed unless the caller ends with `line.rest()`.

        Raises BadAddress, PrivateAddress, Unreached, WrongCertificate, TooSlow, Cancelled.
        """
        line = None if fresh else self._take(provider)
        if line is None:
            line = self._ways.first(provider, lambda way: self._connect(way, call))
        line.since = 0.0
        try:
            yield line
        finally:
            if not line.since or not self._keep(provider, line):
                line.hang_up()

    def close(self) -> None:
        with self._lock:
            lines = [line for spare in self._spare.values() for line in spare]
            self._spare.clear()
        for line in lines:
            line.hang_up()

    @cached_property
    def _public(self) -> ssl.SSLContext:
        """Trusts the authorities this machine trusts; reading them takes a while."""
        context = _context()
        context.load_default_certs()
        return context

    def _take(self, provider: Provider) -> Line | None:
        oldest = time.monotonic() - IDLE
        while True:
            with self._lock:
                spare = self._spare.get(_place(provider))
                line = spare.pop() if spare else None
            if line is None or (line.since > oldest and line.is_quiet):
                return line
            line.hang_up()

    def _keep(self, provider: Provider, line: Line) -> bool:
        """Whether there was room for one more; others that nobody used for long end here."""
        with self._lock:
            spare = self._spare.setdefault(_place(provider), [])
            is_kept = len(spare) < SPARE
            if is_kept:
                spare.append(line)
            old = self._sweep() if line.since - self._swept > IDLE else []
        for each in old:
            each.hang_up()
        return is_kept

    def _sweep(self) -> list[Line]:
        """Take out the lines that are too old, under the lock."""
        self._swept = time.monotonic()
        lines = [line for spare in self._spare.values() for line in spare]
        fresh = {
            place: [line for line in spare if line.since > self._swept - IDLE]
            for place, spare in self._spare.items()
        }
        self._spare = {place: spare for place, spare in fresh.items() if spare}
        return [line for line in lines if line.since <= self._swept - IDLE]

    def _connect(self, provider: Provider, call: Call) -> Line:
        address = addresses.parse(provider.url)
        plain = self._reach(address, call)
        call.use(plain)
        try:
            plain.settimeout(min(CONNECT, call.left))
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            secure = self._secure(plain, provider, address)
        except BaseException:
            plain.close()
            raise
        finally:
            call.use(None)
        return Line(secure, provider.url.removeprefix("https://"))

    def _reach(self, address: Address, call: Call) -> socket.socket:
        """Connected to the first of its checked addresses that answers."""
        why: OSError | None = None
        for ip in self._guard.look_up(address.host, address.port):
            try:
                return socket.create_connection((ip, address.port), min(CONNECT, call.left))
            except OSError as error:
                why = error
        raise Unreached(f"{address.url} does not answer: {why}") from why

    def _secure(self, plain: socket.socket, provider: Provider, address: Address) -> ssl.SSLSocket:
        context = self._pinned if provider.certificate else self._public
        name = provider.name or address.name
        try:
            secure = context.wrap_socket(plain, server_hostname=name)
        except ssl.SSLCertVerificationError as error:
            raise WrongCertificate(f"{provider.url}: {error.verify_message}") from error
        except OSError as error:
            raise Unreached(f"{provider.url} does not speak TLS: {error}") from error
        if provider.certificate:
            shown = sha256(secure.getpeercert(binary_form=True) or b"").hexdigest()
            if shown != provider.certificate.lower():
                secure.close()
                raise WrongCertificate(f"{provider.url} shows another certificate than agreed.")
        return secure


def _place(provider: Provider) -> Place:
    return provider.url, provider.certificate, provider.name


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _shut(connected: socket.socket) -> None:
    """End both ways below TLS, whose state belongs to the thread that uses it."""
    try:
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
    except OSError:
        return  # not connected, or not any more

"""An httpx transport that sees trailers, which httpx itself throws away.

A streaming answer of Kubo that fails midway ends well for HTTP: status 200, a
proper last part, and the failure in the trailer `X-Stream-Error`. So the last
bytes that came over each connection are kept, and the end of every chunked
body (RFC 9112 §7.1.2) is read from them a second time. An end that cannot be
read counts as a failure.
"""

import re
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from node_bridge.errors import EngineDown

KEPT = 16 * 1024  # bytes at the end of a connection; a longer trailer counts as a failure
FAILURE = "x-stream-error"

# The last part, of length 0, then trailers, then an empty line. No body can imitate it: what
# follows a body is another part's length, which is no header.
LAST = re.compile(rb"\r\n0+(?:;[^\r\n]*)?\r\n((?:[!#-'*+\-.0-9A-Z^-z|~]+:[^\r\n]*\r\n)*)\r\n\Z")


class BrokeOff(Exception):
    """The server says that the answer it has just sent is not whole; the message is its own."""


class TrailerTransport(httpx.BaseTransport):
    """HTTP/1.1 with kept connections, safe to use from many threads.

    Raises EngineDown where the server cannot be reached or does not speak
    HTTP, and BrokeOff at the end of a body whose trailer tells of a failure.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, *, connections: int = 32) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=connections,
            keepalive_expiry=30.0,
            network_backend=_Backend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _named_failures():
            answer = self._pool.handle_request(asked)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions={key: answer.extensions[key] for key in ("http_version", "reason_phrase")},
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """An answer's body, which ends with BrokeOff when its trailer says so."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _named_failures():
            assert isinstance(self._answer.stream, Iterable)  # noqa: S101 - a synchronous pool's is
            yield from self._answer.stream
        headers = {name.lower(): value for name, value in self._answer.headers}
        if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
            failure = read(self._answer.extensions["network_stream"].tail).get(FAILURE)
            if failure:  # ipfs-cluster always sends it, with nothing in it when all is well
                raise BrokeOff(failure)

    def close(self) -> None:
        self._answer.close()


def read(tail: bytes) -> dict[str, str]:
    """The trailers at the end of a connection's bytes, names in lower case; raises BrokeOff."""
    last = LAST.search(tail)
    if last is None:
        raise BrokeOff("The end of the answer could not be read.")
    lines = last[1].decode("latin-1").split("\r\n")[:-1]
    pairs = (line.partition(":") for line in lines)
    return {name.lower(): value.strip() for name, _, value in pairs}


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        said = str(error) or type(error).__name__
        raise EngineDown(f"The node's RPC does not answer: {said}") from error
    except httpcore.UnsupportedProtocol as error:
        raise EngineDown(f"The address of the node's RPC is no HTTP address: {error}") from error


class _Backend(httpcore.NetworkBackend):
    """Opens connections that keep their tail."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        opened = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Kept(opened)


class _Kept(httpcore.NetworkStream):
    """A connection that remembers the last bytes it gave."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self.tail = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, timeout)
        self.tail = data[-KEPT:] if len(data) >= KEPT else (self.tail + data)[-KEPT:]
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Kept(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

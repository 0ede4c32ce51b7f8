"""Answers that stream from a source, for as long as they make progress."""

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from gateway.node.sources import Source
from gateway.node.throttle import Throttle
from node_bridge.network.addresses import Guard, parse
from node_bridge.network.connections import Call, Connections
from node_bridge.network.failures import Garbled, NotHeld, Redirected, Unreached

STALL = 20.0  # seconds without a byte
AT_ONCE = 256 << 10  # bytes read at a time
AGENT = "WeTube-node"


class Progress(Call):
    """A call that ends when nothing came for a while, however long it lasts."""

    def go_on(self) -> None:
        self._end = time.monotonic() + STALL


class Incoming:
    """The body of an answer as a file, received as fast as the throttle lets it."""

    def __init__(
        self, answer: http.client.HTTPResponse, call: Progress, stop: Event, throttle: Throttle
    ) -> None:
        self._answer = answer
        self._call = call
        self._stop = stop
        self._throttle = throttle

    def read(self, size: int) -> bytes:
        """Raises Unreached when the body breaks off or stalls, or the node stops."""
        if self._stop.is_set():
            raise Unreached("This node is shutting down.")
        try:
            data = self._answer.read(min(size, AT_ONCE))
        except (OSError, http.client.HTTPException) as error:
            raise Unreached(f"The bytes broke off: {error!r}.") from error
        self._throttle.wait(len(data), self._stop)
        self._call.go_on()
        return data


class Streams:
    """Opens answers. `connections` are for TLS; without it only this very machine is called.

    stop: set when the node ends; `throttle`: of what is received
    """

    def __init__(self, guard: Guard, stop: Event, throttle: Throttle) -> None:
        self._guard = guard
        self._connections = Connections(guard)
        self._stop = stop
        self._throttle = throttle

    @contextmanager
    def get(self, source: Source, target: str, authorization: str) -> Iterator[Any]:
        """The body of a good answer to GET; raises a PeerFailed."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": AGENT}
        if authorization:
            headers["Authorization"] = authorization
        call = Progress(STALL)
        opened = self._plain if source.is_plain else self._secure
        with opened(source, call, target, headers) as answer:
            _check(answer)
            yield Incoming(answer, call, self._stop, self._throttle)

    def close(self) -> None:
        self._connections.close()

    @contextmanager
    def _secure(
        self, source: Source, call: Progress, target: str, headers: dict[str, str]
    ) -> Iterator[http.client.HTTPResponse]:
        with self._connections.line(source.provider, call, fresh=True) as line:
            yield _answer(lambda: line.request(call, "GET", target, headers, None))

    @contextmanager
    def _plain(
        self, source: Source, call: Progress, target: str, headers: dict[str, str]
    ) -> Iterator[http.client.HTTPResponse]:
        address = parse(source.provider.url)
        ip = self._guard.look_up(address.host, address.port)[0]
        line = http.client.HTTPConnection(ip, address.port, timeout=STALL)
        headers = {**headers, "Host": f"{address.host}:{address.port}"}

        def ask() -> http.client.HTTPResponse:
            line.request("GET", target, headers=headers)
            return line.getresponse()

        try:
            with _answer(ask) as answer:  # one without a length owns the connection by now
                yield answer
        finally:
            line.close()


def _answer(ask: Callable[[], http.client.HTTPResponse]) -> http.client.HTTPResponse:
    try:
        return ask()
    except (OSError, http.client.HTTPException) as error:
        raise Unreached(f"The source does not answer: {error!r}.") from error


def _check(answer: http.client.HTTPResponse) -> None:
    if 300 <= answer.status < 400:
        raise Redirected("The source points elsewhere, where nobody follows.")
    if answer.status in {404, 410}:
        raise NotHeld("The source says that it has not got it.")
    if answer.status != 200:
        raise Garbled(f"The source answers {answer.status}.")
    if answer.getheader("Content-Encoding", "identity").lower() != "identity":
        raise Garbled("The source sends encoded bytes, though plain ones were asked for.")

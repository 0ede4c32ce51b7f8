"""The chain's door: HTTP on loopback, for programs of this machine alone.

A browser would come with an Origin, or by a name that somebody made point to 127.0.0.1; neither is
let in. What is too large, too slow or too much is refused by name.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import h11

LARGEST_BODY = 1024 * 1024
LARGEST_HEAD = 16 * 1024
MOST_CONNECTIONS = 128
THREADS = 64  # a call waits in its thread for the engine; the others read on
IDLE = 60.0  # seconds a kept connection may be silent
SLOWEST = 10.0  # seconds a request may take to arrive, or an answer to leave
NAMES = ("127.0.0.1", "localhost", "[::1]")


class DoorRefused(Exception):
    """The request is not taken; `status` is HTTP's word for why."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class HttpDoor:
    """Serves in a thread of its own, from `open` to `close`; `answer` is called in others."""

    def __init__(
        self, answer: Callable[[bytes], bytes], *, port: int, closed: Callable[[], None]
    ) -> None:
        """Takes the port at once; raises OSError where it is taken. Zero takes any free one.

        `closed` is called once nobody is served any more.
        """
        self._answer = answer
        self._closed = closed
        self._socket = socket.create_server(("127.0.0.1", port), backlog=MOST_CONNECTIONS)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="door", daemon=True)
        self._closing = asyncio.Event()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="answer")
        self._connections: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """May be called from a signal's handler; the thread ends soon after."""
        with suppress(RuntimeError):  # it had closed by itself
            self._loop.call_soon_threadsafe(self._closing.set)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._loop.close()
            self._closed()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._meet, sock=self._socket)
        await self._closing.wait()
        server.close()
        await self._part()

    async def _part(self) -> None:
        """End every talk; one that was just let in may begin while others end."""
        while talks := asyncio.all_tasks() - {asyncio.current_task()}:
            _, idle = await asyncio.wait(talks, timeout=1)
            for talk in idle:
                talk.cancel()
            await asyncio.gather(*idle, return_exceptions=True)
            await asyncio.sleep(0)  # a socket taken in meanwhile becomes a talk now

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio makes one for each connection
        if len(self._connections) >= MOST_CONNECTIONS:
            writer.close()
            return
        self._connections.add(task)
        try:
            await _Talk(reader, writer, self._work).run()
        except (OSError, TimeoutError, h11.LocalProtocolError):
            pass  # the other side has gone, or is too slow to go on with
        except asyncio.CancelledError:
            pass  # we close; asyncio of Python 3.11 would call a cancelled connection a fault
        finally:
            self._connections.discard(task)
            writer.close()

    async def _work(self, body: bytes) -> bytes:
        return await self._loop.run_in_executor(self._pool, self._answer, body)


class _Talk:
    """One connection: request, answer, and again while both keep it."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        work: Callable[[bytes], Awaitable[bytes]],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._work = work
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)

    async def run(self) -> None:
        while await self._has_more():
            try:
                async with asyncio.timeout(SLOWEST):
                    body = await self._request()
                await self._reply(200, await self._work(body))
            except DoorRefused as refusal:
                await self._refuse(refusal.status, str(refusal))
            except h11.RemoteProtocolError as fault:
                await self._refuse(fault.error_status_hint, str(fault))
            if self._http.our_state is h11.MUST_CLOSE or self._http.our_state is h11.ERROR:
                return
            if self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _has_more(self) -> bool:
        """Waits for the first bytes of a request."""
        if self._http.trailing_data[0]:
            return True
        async with asyncio.timeout(IDLE):
            return await self._receive()

    async def _request(self) -> bytes:
        request = await self._event()
        if not isinstance(request, h11.Request):
            raise ConnectionError("no request came")
        _check(request)
        body = bytearray()
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > LARGEST_BODY:
                raise DoorRefused(413, f"a body has at most {LARGEST_BODY} bytes")
        return bytes(body)

    async def _event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                await self._write(h11.InformationalResponse(status_code=100, headers=[]))
            await self._receive()
        return event

    async def _receive(self) -> bool:
        """False at the end of what the other side sends."""
        received = await self._reader.read(65536)
        self._http.receive_data(received)
        return bool(received)

    async def _refuse(self, status: int, words: str) -> None:
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        error = {"code": -32600, "message": words}
        body = json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode()
        await self._reply(status, body)

    async def _reply(self, status: int, body: bytes) -> None:
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        await self._write(
            h11.Response(status_code=status, headers=headers),
            h11.Data(data=body),
            h11.EndOfMessage(),
        )

    async def _write(self, *events: h11.Event) -> None:
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        async with asyncio.timeout(SLOWEST):
            await self._writer.drain()


def _check(request: h11.Request) -> None:
    """Raises DoorRefused."""
    given = {name: value.decode("ascii", "replace") for name, value in request.headers}
    host = given.get(b"host", "").rpartition(":")
    name = host[0] if host[1] and host[2].isdigit() else given.get(b"host", "")
    if name not in NAMES:
        raise DoorRefused(403, "ask by the name 127.0.0.1 or localhost")
    if b"origin" in given:
        raise DoorRefused(403, "this is no place for browsers; ask the gateway's /rpc")
    if request.method != b"POST":
        raise DoorRefused(405, "ask by POST")
    if request.target != b"/":
        raise DoorRefused(404, "ask at /")
    if given.get(b"content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise DoorRefused(415, "the content-type is application/json")
    length = given.get(b"content-length", "0")
    if length.isdigit() and int(length) > LARGEST_BODY:
        raise DoorRefused(413, f"a body has at most {LARGEST_BODY} bytes")

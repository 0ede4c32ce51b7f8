"""Kubo's RPC over HTTP: one call is one POST to /api/v0/…

What comes back is bounded, what fails is one of the bridge's own errors, and a
failure after the status 200 is noticed (node_bridge/trailers.py).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx

from node_bridge.embedded import DAY
from node_bridge.errors import BadPath, EngineDown, NodeError, NotFound, OverQuota
from node_bridge.trailers import BrokeOff, TrailerTransport

MAX_LINE = 1 << 20  # bytes of one JSON value
MAX_WORDS = 500  # characters of Kubo's own that go into our errors

Reply = dict[str, Any]
Options = str | int | float | bool | None
Words = tuple[str, ...]  # the arguments of a call


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, for the next bytes to come, and for the next bytes to be taken."""

    connect: float = 5.0
    read: float = 120.0
    write: float = 60.0


@dataclass(frozen=True, slots=True)
class Rules:
    """How an engine uses a Kubo.

    fetch_seconds: how long Kubo may look for a block at other peers; 0: only what it holds
    quota: most bytes that Kubo's repository may take on its disk, None for no bound of ours
    grace: seconds for which gc spares what was just added and not yet pinned
    spool: a folder with room for the largest source that is no file; the system's if unsaid
    """

    fetch_seconds: float = 0
    quota: int | None = None
    grace: float = DAY
    spool: Path | None = None

    @property
    def reach(self) -> "Mapping[str, Options]":
        """The options of a call that reads one block."""
        return {"timeout": f"{self.fetch_seconds}s"} if self.fetch_seconds else HERE

    @property
    def long_reach(self) -> "Mapping[str, Options]":
        """The options of a call that reads a whole graph, which takes as long as it takes."""
        return {} if self.fetch_seconds else HERE


HERE: Mapping[str, Options] = {"offline": True}  # nobody but this Kubo is asked
PLAIN = Rules()

# What Kubo's sentences mean, the first that fits. They are all it gives: the code is always 0.
MEANINGS: tuple[tuple[re.Pattern[str], type[NodeError]], ...] = (
    (re.compile("no space left|disk quota exceeded|disk is full"), OverQuota),
    (re.compile("not found|could not find|no link named|not pinned|deadline exceeded"), NotFound),
    (re.compile("pin name is"), BadPath),
)


class Rpc:
    """A Kubo behind its address, like `http://127.0.0.1:5001`; safe to use from many threads.

    token: the secret of an entry of Kubo's `API.Authorizations` ("bearer:…")
    """

    def __init__(self, url: str, *, token: str = "", patience: Patience | None = None) -> None:
        patience = patience or Patience()
        self.url = url.rstrip("/")
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v0/",
            transport=TrailerTransport(),
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(
                connect=patience.connect,
                read=patience.read,
                write=patience.write,
                pool=patience.read,
            ),
            trust_env=False,
        )

    def call(self, command: str, *words: str, **options: Options) -> Reply:
        """The one JSON value that a call answers."""
        replies = list(self.lines(command, *words, **options))
        if len(replies) != 1:
            raise EngineDown(f"Kubo answered {len(replies)} values to {command}, not one.")
        return replies[0]

    def lines(self, command: str, *words: str, **options: Options) -> Iterator[Reply]:
        """The JSON values of a streaming answer; whoever stops early ends the call."""
        with self._answer(command, words, options) as answer:
            yield from values(answer.iter_raw())

    def get(self, command: str, *words: str, **options: Options) -> Iterator[bytes]:
        """The bytes of an answer as they come. None of them has been verified."""
        with self._answer(command, words, options) as answer:
            yield from answer.iter_raw()

    def send(
        self, command: str, file: Iterable[bytes | memoryview], **options: Options
    ) -> list[Reply]:
        """Stream one file to a call; the JSON values it answers."""
        boundary = token_hex(16)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        body = _multipart(boundary, file)
        with self._answer(command, (), options, headers, body) as answer:
            return list(values(answer.iter_raw()))

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def _answer(
        self,
        command: str,
        words: Words,
        options: Mapping[str, Options],
        headers: Mapping[str, str] | None = None,
        body: Iterable[bytes] | None = None,
    ) -> Iterator[httpx.Response]:
        params: dict[str, list[str]] = {"arg": list(words)} | {
            name.replace("_", "-"): [json.dumps(value) if isinstance(value, bool) else str(value)]
            for name, value in options.items()
            if value is not None
        }
        try:
            with self._client.stream(
                "POST", command, params=params, headers=headers, content=body
            ) as answer:
                if answer.status_code != 200:
                    raise _refusal(command, answer)
                yield answer
        except BrokeOff as error:
            raise _meaning(command, str(error)) from error


def _multipart(boundary: str, file: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """RFC 7578 with one part; the source's own exceptions end the request."""
    yield (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    for piece in file:
        yield bytes(piece)
    yield f"\r\n--{boundary}--\r\n".encode()


def values(pieces: Iterable[bytes]) -> Iterator[Reply]:
    """JSON objects, one a line, as they come; raises EngineDown for anything else."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > MAX_LINE:
            raise EngineDown("Kubo answered with more at once than it should.")
        yield from (_value(line) for line in lines if line.strip())
    if rest.strip():
        yield _value(rest)


def _value(line: bytes) -> Reply:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise EngineDown("Kubo answered with something that is no JSON.") from error
    if not isinstance(value, dict):
        raise EngineDown("Kubo answered with a value of the wrong kind.")
    return value


def _refusal(command: str, answer: httpx.Response) -> NodeError:
    if answer.status_code in {401, 403}:
        return EngineDown(
            "Kubo refuses us: KUBO_TOKEN is not a secret of its API.Authorizations, or that"
            f" secret may not call {command}."
        )
    words = b""
    for piece in answer.iter_raw():
        words += piece
        if len(words) > MAX_LINE:
            break
    if answer.status_code == 404:
        return EngineDown(f"There is no Kubo RPC that knows {command} at this address.")
    try:
        message = str(_value(words).get("Message"))
    except EngineDown:
        message = f"status {answer.status_code}"
    return _meaning(command, message)


def _meaning(command: str, message: str) -> NodeError:
    """Kubo's sentence as one of our errors."""
    for pattern, meaning in MEANINGS:
        if pattern.search(message):
            return meaning(f"Kubo, asked to {command}: {message[:MAX_WORDS]}")
    return EngineDown(f"Kubo, asked to {command}: {message[:MAX_WORDS]}")

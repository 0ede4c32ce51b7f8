"""A small ASGI client in process, and a site that answers from memory."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from gateway.asgi import App, Message
from gateway.seams import Site


@dataclass
class Reply:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode()


async def ask(
    app: App,
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    body: Iterable[bytes] = (),
    *,
    cut: bool = False,
) -> Reply:
    """One request; `cut` is a client that goes away after `body` instead of ending it."""
    path, _, query = target.partition("?")
    waiting: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": True} for piece in body
    ]
    waiting.append(_ending(cut=cut))
    reply = Reply()

    async def receive() -> Message:
        await asyncio.sleep(0)
        if waiting:
            return waiting.pop(0)
        if cut:
            return {"type": "http.disconnect"}
        await asyncio.sleep(3600)
        raise AssertionError("unreachable")

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            assert not reply.status, "an answer may start only once"
            reply.status = message["status"]
            reply.headers = {k.decode(): v.decode("latin-1") for k, v in message["headers"]}
        else:
            reply.body += message.get("body", b"")

    await app(_scope(method, unquote(path), query, headers or {}), receive, send)
    return reply


def _ending(*, cut: bool) -> Message:
    if cut:
        return {"type": "http.disconnect"}
    return {"type": "http.request", "body": b"", "more_body": False}


def _scope(method: str, path: str, query: str, headers: Mapping[str, str]) -> Message:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()],
    }


@dataclass
class MemoryDoor:
    """Opens what the test puts in; `asked` counts the questions."""

    open_roots: set[str] = field(default_factory=set)
    open_parts: set[str] = field(default_factory=set)
    open_names: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    async def is_open(self, cid: str) -> bool:
        self.asked[cid] += 1
        return cid in self.open_roots

    async def is_part_open(self, cid: str) -> bool:
        return cid in self.open_parts

    async def is_declined(self, path: str) -> bool:
        return path in self.declined

    async def is_name_open(self, name: str) -> bool:
        return name in self.open_names

    async def resolve(self, name: str) -> str | None:
        self.asked[name] += 1
        return self.names.get(name)


@dataclass
class MemoryReceiver:
    """Keeps what it took; raises `failing` first if the test set one."""

    took: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    calls: int = 0
    failing: Exception | None = None

    async def finished(self, key: str, path: Path, size: int, filename: str) -> str:
        self.calls += 1
        if self.failing is not None:
            raise self.failing
        data = await asyncio.to_thread(path.read_bytes)
        assert len(data) == size
        self.took[key] = (data, filename)
        return f"https://site.example/watch/{key}"


@dataclass
class MemoryMeter:
    total: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    failing: Exception | None = None

    async def delivered(self, counts: Mapping[str, int]) -> None:
        self.calls += 1
        if self.failing is not None:
            raise self.failing
        self.total.update(counts)


@dataclass
class MemorySite:
    door: MemoryDoor = field(default_factory=MemoryDoor)
    receiver: MemoryReceiver = field(default_factory=MemoryReceiver)
    meter: MemoryMeter = field(default_factory=MemoryMeter)

    def as_site(self) -> Site:
        return Site(self.door, self.receiver, self.meter)

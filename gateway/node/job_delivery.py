"""Brings a result to the gateway when nobody can fetch it here: one CAR, by tus 1.0, in parts."""

import http.client
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.node import sources
from gateway.node.failures import BadSource
from gateway.node.sources import Source
from gateway.node.store import Store
from node_bridge import Cid, NodeError
from node_bridge.network.addresses import Guard, parse
from node_bridge.network.connections import Call, Connections

PART = 8 << 20  # bytes of one request
SECONDS = 60.0  # for each
PATH = re.compile(r"(?P<prefix>/g/[\w.~-]{1,600})/uploads", re.ASCII)
TUS = {"Tus-Resumable": "1.0.0", "User-Agent": "WeTube-node"}
BYTES = "application/offset+octet-stream"
GOOD = {200, 201, 204}


class NotTaken(Exception):
    """The gateway did not take it, or not all of it; bringing it again goes on from there."""


@dataclass(frozen=True)
class Delivery:
    """Where a result goes: an upload grant's address at the gateway."""

    place: Source
    prefix: str
    guard: Guard
    connections: Connections

    @classmethod
    def to(cls, url: object, guard: Guard, connections: Connections) -> "Delivery":
        """Raises NotTaken for an address that this node does not send anything to."""
        text = url if isinstance(url, str) and url.isascii() and len(url) <= 1024 else ""
        parts = urlsplit(text)
        match = PATH.fullmatch(parts.path)
        if match is None or parts.query or parts.fragment:
            raise NotTaken("That is no address of an upload.")
        try:
            (place,) = sources.parse([f"{parts.scheme}://{parts.netloc}"], guard)
        except BadSource as error:
            raise NotTaken(str(error)) from error
        return cls(place, match["prefix"], guard, connections)

    def bring(self, archive: Path, name: str, paced: Callable[[int], object] = bool) -> None:
        """Send the whole file, from where the last attempt ended; raises NotTaken.

        `paced` waits until so many bytes may go.
        """
        size = archive.stat().st_size
        offset = self._begin(size)
        target = f"{self.prefix}/uploads/{name}"
        with archive.open("rb") as file:
            while offset < size:
                file.seek(offset)
                part = file.read(PART)
                paced(len(part))
                headers = {"Upload-Offset": str(offset), "Content-Type": BYTES}
                said = self._ask("PATCH", target, headers, part)
                moved = _offset(said)
                if moved <= offset:
                    raise NotTaken("The gateway takes no more of it.")
                offset = moved

    def _begin(self, size: int) -> int:
        """Announce it, or learn how far it has come."""
        headers = {"Upload-Length": str(size)}
        return _offset(self._ask("POST", f"{self.prefix}/uploads", headers, b""))

    def _ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Mapping[str, str]:
        try:
            with self._answer(method, target, {**TUS, **headers}, body) as answer:
                if answer.status not in GOOD:
                    raise NotTaken(f"The gateway answers {answer.status}.")
                answer.read(1 << 16)
                return {name.lower(): value for name, value in answer.getheaders()}
        except (OSError, http.client.HTTPException, NodeError) as error:
            raise NotTaken(f"The result could not be brought: {error!r}") from error

    @contextmanager
    def _answer(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> Iterator[http.client.HTTPResponse]:
        call = Call(SECONDS)
        if not self.place.is_plain:
            with self.connections.line(self.place.provider, call, fresh=True) as line:
                yield line.request(call, method, target, headers, body)
            return
        address = parse(self.place.provider.url)
        ip = self.guard.look_up(address.host, address.port)[0]
        headers = {**headers, "Host": f"{address.host}:{address.port}"}
        plain = http.client.HTTPConnection(ip, address.port, timeout=SECONDS)
        try:
            plain.request(method, target, body=body, headers=headers)
            yield plain.getresponse()
        finally:
            plain.close()


def pack(store: Store, root: Cid, path: Path) -> Path:
    """The whole graph as one CAR in a file."""
    with path.open("wb") as file:
        file.writelines(store.export_car(root))
    return path


def _offset(headers: Mapping[str, str]) -> int:
    value = headers.get("upload-offset", "")
    if not value.isdigit():
        raise NotTaken("The gateway does not say how much it has.")
    return int(value)

"""Calls a node in this process, as its gateway or as a stranger."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.asgi import Message
from gateway.node.app import NodeApp
from gateway.node.composing import Parts
from node_bridge.network import leases, requests
from node_bridge.network.identity import Identity
from node_bridge.network.leases import Terms
from node_bridge.network.requests import Asked
from tests.node.graphs import Made

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    @property
    def refusal(self) -> str:
        return self.headers.get("x-refusal", "")


@dataclass
class Caller:
    """`gateway` signs; `app` is asked."""

    app: NodeApp
    parts: Parts
    gateway: Identity

    @property
    def peer_id(self) -> str:
        return self.parts.identity.peer_id

    def ask(
        self, method: str, path: str, body: bytes = b"", *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request, as it stands."""
        return asyncio.run(self._ask(method, path, body, headers or {}))

    def order(self, method: str, path: str, said: object = None, **how: Any) -> Answer:
        """The gateway's own request; `by` another signer, `to` another addressee."""
        body = b"" if said is None else json.dumps(said).encode()
        header = self.signed(method, path, body, **how)
        return self.ask(method, path, body, headers={"authorization": header})

    def signed(
        self,
        method: str,
        path: str,
        body: bytes | None,
        *,
        by: Identity | None = None,
        to: str = "",
        now: float | None = None,
    ) -> str:
        return requests.write(
            Asked(method, path, body),
            by or self.gateway,
            to=to or self.peer_id,
            now=time.time() if now is None else now,
        )

    def lease(self, made: Made, *, by: Identity | None = None, **changes: Any) -> str:
        now = int(time.time())
        terms: dict[str, Any] = {
            "serial": "1",
            "node": self.peer_id,
            "cid": made.cid,
            "size": made.size,
            "not_before": now - 60,
            "not_after": now + HOUR,
            "price": 0,
            "kind": "whole",
        }
        return leases.write(Terms(**{**terms, **changes}), by or self.gateway)

    def take(self, made: Made, sources: list[object] | None = None, **changes: Any) -> Answer:
        """Ask for a lease to be taken."""
        said = {"lease": self.lease(made, **changes), "sources": sources or []}
        return self.order("POST", "/wt/v1/leases", said)

    def push(self, archive: bytes, serial: str = "1") -> Answer:
        path = f"/wt/v1/leases/{serial}/blocks"
        header = self.signed("PUT", path, None)
        return self.ask("PUT", path, archive, headers={"authorization": header})

    def hold(self, made: Made, **changes: Any) -> None:
        """Lease and push; asserts that it is held."""
        assert self.take(made, **changes).status == 202
        assert self.push(made.archive, changes.get("serial", "1")).said["state"] == "held"

    def read(self, cid: object, query: str = "?format=raw") -> Answer:
        """As the gateway."""
        return self.order("GET", f"/ipfs/{cid}{query}")

    @property
    def stored(self) -> int:
        """Blocks on the disk."""
        return self.parts.leasing.store.repo_stat().blocks

    async def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        bare, _, query = path.partition("?")
        all_headers = {**headers, **({"content-length": str(len(body))} if body else {})}
        scope = {
            "type": "http",
            "method": method,
            "path": bare,
            "query_string": query.encode(),
            "headers": [(name.encode(), text.encode()) for name, text in all_headers.items()],
        }
        pieces = [body[at : at + 65_536] for at in range(0, len(body), 65_536)] or [b""]
        incoming: list[Message] = [
            {"type": "http.request", "body": piece, "more_body": number < len(pieces)}
            for number, piece in enumerate(pieces, 1)
        ]
        sent: list[Message] = []

        async def receive() -> Message:
            if incoming:
                return incoming.pop(0)
            await asyncio.sleep(3600)
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = sent[0]
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], names, b"".join(part.get("body", b"") for part in sent[1:]))

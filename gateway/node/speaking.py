"""Speaks to the gateway: every request signed, every answer bounded in size and time."""

import json
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

import httpx

from node_bridge.network import requests
from node_bridge.network.identity import BadPeerId, Identity, PeerId, public_key
from node_bridge.network.requests import Asked

SECONDS = 15.0
MAX_ANSWER = 1 << 20  # bytes

Said = dict[str, Any]


class GatewaySilent(Exception):
    """The gateway did not answer, or not in sound JSON; asking again later may help."""


class GatewaySaysNo(Exception):
    """The gateway refused. `name` is its word for it, `detail` its sentence."""

    def __init__(self, status: int, name: str, detail: str) -> None:
        super().__init__(detail or name or f"The gateway answers {status}.")
        self.status, self.name, self.detail = status, name, detail


class GatewayClient:
    """One gateway, as this node speaks to it. For any number of threads."""

    def __init__(self, url: str, identity: Identity, peer_id: PeerId) -> None:
        self.url = url
        self.peer_id = peer_id
        self._identity = identity
        self._lock = Lock()
        self._client: httpx.Client | None = None

    def introduce(self) -> PeerId:
        """The peer id the gateway names; raises GatewaySilent, GatewaySaysNo."""
        said = self._exchange("GET", "/nodes/v1/gateway", b"", {})
        try:
            public_key(str(said.get("peer_id")))
        except BadPeerId as error:
            raise GatewaySilent("There is no gateway of this network at that address.") from error
        return str(said["peer_id"])

    def get(self, path: str) -> Said:
        """What anybody may ask; raises GatewaySilent, GatewaySaysNo."""
        return self._exchange("GET", path, b"", {})

    def post(self, path: str, said: Mapping[str, Any]) -> Said:
        """A signed request and its answer; raises GatewaySilent, GatewaySaysNo."""
        body = json.dumps(said).encode()
        asked = Asked("POST", path, body)
        header = requests.write(asked, self._identity, to=self.peer_id, now=time.time())
        return self._exchange("POST", path, body, {"Authorization": header})

    def register(self, statement: str, token: str) -> Said:
        """Come to the gateway for the operator whose token this is."""
        return self.post("/nodes/v1/nodes", {"statement": statement, "token": token})

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()

    @property
    def _http(self) -> httpx.Client:
        """Made when it is first needed: reading whom to trust takes a while."""
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(base_url=self.url, timeout=SECONDS, trust_env=False)
            return self._client

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Said:
        sent = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        try:
            with self._http.stream(method, path, content=body, headers=sent) as answer:
                data = _bounded(answer)
        except httpx.HTTPError as error:
            raise GatewaySilent(f"{self.url} does not answer: {error!r}") from error
        said = _object(data)
        if answer.status_code not in {200, 201, 202, 204}:
            name, detail = said.get("error", ""), said.get("detail", said.get("why", ""))
            if answer.status_code >= 500:
                raise GatewaySilent(f"{self.url} answers {answer.status_code}.")
            raise GatewaySaysNo(answer.status_code, str(name)[:100], str(detail)[:500])
        return said


def _bounded(answer: httpx.Response) -> bytes:
    data = bytearray()
    for piece in answer.iter_bytes():
        data += piece
        if len(data) > MAX_ANSWER:
            raise GatewaySilent("The gateway's answer has no end.")
    return bytes(data)


def _object(data: bytes) -> Said:
    try:
        said = json.loads(data) if data else {}
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}

"""Speaks to the gateway: every request signed, every answer bounded in size and time."""

import json
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

import certifi
import httpx

from node_bridge.network import requests
from node_bridge.network.identity import BadPeerId, Identity, PeerId, public_key
from node_bridge.network.requests import Asked

SECONDS = 15.0
MAX_ANSWER = 1 << 20  # bytes
GOOD = {200, 201, 202, 204}
PASSING = {408, 425, 429}  # refusals that are of the moment

Said = dict[str, Any]


class GatewaySilent(Exception):
    """The gateway did not answer, or not in sound JSON; asking again later may help."""


class GatewayUntrusted(GatewaySilent):
    """Whoever answers there shows no certificate that this machine trusts."""


class GatewaySaysNo(Exception):
    """The gateway refused. `name` is its word for it, `detail` its sentence.

    skew: seconds by which our clock was ahead of the gateway's, as far as that is known
    """

    def __init__(self, status: int, name: str, detail: str, *, skew: float = 0.0) -> None:
        super().__init__(detail or name or f"The gateway answers {status}.")
        self.status, self.name, self.detail, self.skew = status, name, detail, skew


class NoGateway(GatewaySaysNo):
    """There is something at that address, but no gateway of this network."""


class GatewayClient:
    """One gateway, as this node speaks to it. For any number of threads."""

    def __init__(self, url: str, identity: Identity, peer_id: PeerId) -> None:
        self.url = url
        self.peer_id = peer_id
        self._identity = identity
        self._lock = Lock()
        self._client: httpx.Client | None = None

    def introduce(self) -> PeerId:
        """The peer id the gateway names; raises GatewaySilent, NoGateway."""
        try:
            said = self._exchange("GET", "/nodes/v1/gateway", b"", {})
            public_key(str(said.get("peer_id")))
        except GatewaySaysNo as no:
            raise self._no_gateway(no.status) from no
        except BadPeerId as error:
            raise self._no_gateway(200) from error
        return str(said["peer_id"])

    def get(self, path: str) -> Said:
        """What anybody may ask; raises GatewaySilent, GatewaySaysNo."""
        return self._exchange("GET", path, b"", {})

    def post(self, path: str, said: Mapping[str, Any]) -> Said:
        """A signed request and its answer; raises GatewaySilent, GatewaySaysNo."""
        body = json.dumps(said).encode()
        return self._exchange("POST", path, body, self.signed(Asked("POST", path, body)))

    def register(self, statement: str, token: str) -> Said:
        """Come to the gateway for the operator whose token this is."""
        return self.post("/nodes/v1/nodes", {"statement": statement, "token": token})

    def signed(self, asked: Asked) -> dict[str, str]:
        """The header that says who asks this."""
        header = requests.write(asked, self._identity, to=self.peer_id, now=time.time())
        return {"Authorization": header}

    def exchange(
        self,
        path: str,
        *,
        size: int,
        body: Iterable[bytes] = (),
        length: int = 0,
        enough: Callable[[], bool] = bool,
    ) -> int:
        """Send `length` bytes that mean nothing, and take `size` such bytes; how many came.

        It breaks off once `enough` says so. Raises GatewaySilent, GatewaySaysNo.
        """
        target, came = f"{path}?size={size}", 0
        headers = {"Content-Length": str(length), **self.signed(Asked("POST", target, None))}
        try:
            with self._http.stream("POST", target, content=body, headers=headers) as answer:
                self._check(answer.status_code, {})
                for piece in answer.iter_raw():
                    came += len(piece)
                    if came > size or enough():
                        break
        except httpx.HTTPError as error:
            raise self._silence(error) from error
        return min(came, size)

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _no_gateway(self, status: int) -> NoGateway:
        return NoGateway(
            status, "", f"There is no gateway of this network at {self.url}. Is the address right?"
        )

    @property
    def _http(self) -> httpx.Client:
        """Made when it is first needed: reading whom to trust takes a while."""
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(
                    base_url=self.url, timeout=SECONDS, trust_env=False, verify=_trusted()
                )
            return self._client

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Said:
        sent = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        try:
            with self._http.stream(method, path, content=body, headers=sent) as answer:
                data = _bounded(answer)
        except httpx.HTTPError as error:
            raise self._silence(error) from error
        said = _object(data)
        self._check(answer.status_code, said)
        return said

    def _check(self, status: int, said: Said) -> None:
        """Raises GatewaySilent, GatewaySaysNo for what is no good answer."""
        if status >= 500 or status in PASSING:
            raise GatewaySilent(f"{self.url} answers {status}.")
        if status not in GOOD:
            raise _refusal(status, said)

    def _silence(self, error: httpx.HTTPError) -> GatewaySilent:
        """What went wrong, in words for the operator."""
        if isinstance(error, httpx.TimeoutException):
            return GatewaySilent(f"{self.url} does not answer in time.")
        cause = _tls_failure(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return GatewayUntrusted(
                f"{self.url} shows a certificate that this machine does not trust"
                f" ({cause.verify_message}). Where it is a gateway of your own, say which file"
                " vouches for it: SSL_CERT_FILE=gateway.pem script/node …"
            )
        if cause is not None:
            return GatewaySilent(f"{self.url} does not speak TLS as it should ({cause.reason}).")
        return GatewaySilent(f"{self.url} cannot be reached ({error}).")


def _trusted() -> ssl.SSLContext:
    """Whom this machine trusts, or SSL_CERT_FILE names, as for nodes; and the public ones."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _tls_failure(error: BaseException | None) -> ssl.SSLError | None:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error


def _refusal(status: int, said: Said) -> GatewaySaysNo:
    name, detail = said.get("error", ""), said.get("detail", said.get("why", ""))
    now = said.get("now")
    skew = time.time() - now if isinstance(now, int | float) else 0.0
    return GatewaySaysNo(status, str(name)[:100], str(detail)[:500], skew=skew)


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

"""Starts real nodes, each a process in a folder of its own, and speaks to them as their gateway."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.node import certificates
from node_bridge.network import addresses, leases, requests
from node_bridge.network.connections import Call, Connections
from node_bridge.network.failures import PeerFailed
from node_bridge.network.identity import BadKeyFile, Identity, PeerId
from node_bridge.network.leases import Terms
from node_bridge.network.providers import Provider
from node_bridge.network.requests import Asked
from tests.gateway.serving import REPOSITORY, free_port
from tests.node.namespaces import NETWORK

OPENED = ["127.0.0.0/8", NETWORK]
GUARD = addresses.Guard(addresses.opened(OPENED))
NOBODY = "http://127.0.0.1:9"  # a gateway that is away
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Answer:
    """What a node answered; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class Running:
    """A node that runs. Calls without `authorization` go unsigned."""

    folder: Path
    port: int
    gateway: Identity
    process: "subprocess.Popen[bytes]"
    environment: Mapping[str, str]
    inside: tuple[str, ...] = ()  # the words that run a program in the node's namespace
    host: str = "127.0.0.1"
    connections: Connections = field(default_factory=lambda: Connections(GUARD))

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}"

    @property
    def identity(self) -> Identity:
        return Identity.load(self.folder / "node.key")

    @property
    def peer_id(self) -> PeerId:
        return self.identity.peer_id

    @property
    def certificate(self) -> str:
        """Hex sha256 of the certificate it shows."""
        return certificates.own(self.folder, self.peer_id).digest

    @property
    def provider(self) -> Provider:
        """This node as its gateway reads from it."""

        def passes(method: str, path: str) -> str:
            return self.signed(method, path, b"").removeprefix(requests.SCHEME)

        return Provider(self.peer_id, self.url, self.certificate, passes=passes)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        authorization: str = "",
        seconds: float = 30.0,
    ) -> Answer:
        """One request over TLS, under the pinned certificate."""
        headers = {"Authorization": authorization} if authorization else {}
        call = Call(seconds)
        with self.connections.line(self.provider, call, fresh=True) as line:
            answer = line.request(call, method, path, headers, body)
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, names, answer.read())

    def order(self, method: str, path: str, said: object = None) -> Answer:
        """A request of its gateway, signed; `said` goes as JSON."""
        body = b"" if said is None else json.dumps(said).encode()
        return self.ask(method, path, body or None, authorization=self.signed(method, path, body))

    def signed(self, method: str, path: str, body: bytes | None) -> str:
        asked = Asked(method, path, body)
        return requests.write(asked, self.gateway, to=self.peer_id, now=time.time())

    def lease(self, cid: str, size: int, **changes: Any) -> str:
        """A lease for this node, signed by its gateway."""
        now = int(time.time())
        terms: dict[str, Any] = {
            "serial": os.urandom(8).hex(),
            "node": self.peer_id,
            "cid": cid,
            "size": size,
            "not_before": now - 60,
            "not_after": now + HOUR,
            "price": 0,
            "kind": "whole",
        }
        return leases.write(Terms(**{**terms, **changes}), self.gateway)

    def give(self, cid: str, size: int, archive: bytes, **changes: Any) -> Answer:
        """Lease and push at once; the answer to the push."""
        serial = changes.setdefault("serial", os.urandom(8).hex())
        lease = self.lease(cid, size, **changes)
        taken = self.order("POST", "/wt/v1/leases", {"lease": lease, "sources": []})
        if taken.status != 202:
            return taken
        path = f"/wt/v1/leases/{serial}/blocks"
        return self.ask("PUT", path, archive, authorization=self.signed("PUT", path, None))

    def wait_for(self, serial: str, state: str, *, seconds: float = 30) -> dict[str, Any]:
        """Until the lease is in that state; raises TimeoutError with how it stands instead."""
        until = time.monotonic() + seconds
        while True:
            said: dict[str, Any] = self.order("GET", f"/wt/v1/leases/{serial}").said
            if said.get("state") == state:
                return said
            if time.monotonic() > until:
                raise TimeoutError(str(said))
            time.sleep(0.05)

    def start(self) -> None:
        """Begin again in the same folder, at the same port."""
        self.process = _process(self.folder, self.environment, self.inside)
        self.wait()

    def stop(self, seconds: float = 40) -> int:
        """In good order; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def wait(self, seconds: float = 90) -> None:
        """Until it answers."""
        until = time.monotonic() + seconds
        while True:
            try:
                if self.ask("GET", "/health").status == 200:
                    return
            except (PeerFailed, OSError, BadKeyFile):
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
            time.sleep(0.05)


@contextmanager
def start_node(
    folder: Path,
    *,
    gateway: Identity | None = None,
    gateway_url: str = NOBODY,
    token: str = "",
    environment: Mapping[str, str] | None = None,
    **settings: Any,
) -> Iterator[Running]:
    """A node on loopback, or at `host` in the namespace that the words `inside` run programs in.

    `settings` are those of node.toml, as texts: quota="1 GB".
    """
    host, inside = settings.pop("host", "127.0.0.1"), settings.pop("inside", ())
    port = int(settings.pop("port", 0)) or free_port()
    gateway = gateway or Identity.create()
    folder.mkdir(parents=True, exist_ok=True)
    said = {
        "gateway": gateway_url,
        "gateway_id": gateway.peer_id,
        "listen": f"{host}:{port}",
        "quota": "1 GB",
        **settings,
    }
    prices = dict(said.pop("prices", {}))
    compute = prices.pop("compute", {})
    lines = [f"{name} = {json.dumps(value)}" for name, value in said.items()]
    lines += ["[prices]", *(f"{name} = {json.dumps(value)}" for name, value in prices.items())]
    lines += ["[prices.compute]", *(f"{rung} = {json.dumps(to)}" for rung, to in compute.items())]
    (folder / "node.toml").write_text("\n".join(lines))
    if token:
        (folder / "operator.token").write_text(token)
    around = {"WETUBE_NODE_OPEN_RANGES": " ".join(OPENED), **(environment or {})}
    process = _process(folder, around, inside)
    running = Running(folder, port, gateway, process, around, inside, host)
    try:
        running.wait()
        yield running
    finally:
        running.connections.close()
        if running.process.poll() is None:
            running.kill()


def _process(
    folder: Path, environment: Mapping[str, str], inside: tuple[str, ...]
) -> "subprocess.Popen[bytes]":
    command = [*inside, sys.executable, "-m", "gateway.node", "--data", str(folder)]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **environment}, stdout=log, stderr=log
        )

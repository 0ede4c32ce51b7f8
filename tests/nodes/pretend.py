"""Nodes without processes: they answer what real ones answer, at the seam where requests go out."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO

import pytest
from django.utils import timezone

from node_bridge import MemoryEngine, NodeError
from node_bridge.network import addresses, asking, challenges, leases
from node_bridge.network.asking import Wanted
from node_bridge.network.connections import Call
from node_bridge.network.failures import NotHeld, Unreached
from node_bridge.network.identity import Identity
from node_bridge.network.leases import Terms
from node_bridge.network.providers import Provider
from wetube.content import network
from wetube.nodes import identity, joining, leasing, placing, presence
from wetube.nodes.models import Lease, Node, Operator, Placement
from wetube.people.models import User

GIB = 1 << 30


@dataclass
class PretendNode:
    """One node's memory. Turn `is_up` off to kill it, `forgets` on to make it cheat."""

    identity: Identity = field(default_factory=Identity.create)
    engine: MemoryEngine = field(default_factory=MemoryEngine)
    leases: dict[str, Terms] = field(default_factory=dict)
    is_up: bool = True
    forgets: bool = False
    refuses: bool = False
    asked: int = 0

    def answer(self, wanted: Wanted) -> bytes:
        self.asked += 1
        if not self.is_up:
            raise Unreached("It is down.")
        head, _, rest = wanted.target.removeprefix("/").partition("/")
        if head == "health":
            return json.dumps({"status": "ok", "peer_id": self.identity.peer_id}).encode()
        if head == "ipfs":
            return self._block(rest.removesuffix("?format=raw"))
        said = json.loads(wanted.body) if wanted.body else {}
        match wanted.method, rest.split("/")[1:]:
            case "POST", ["leases"]:
                return self._take(said)
            case "GET", ["leases", serial]:
                return self._stands(serial)
            case "DELETE", ["leases", serial]:
                self.leases.pop(serial, None)
                return b""
            case "POST", ["audits"]:
                return self._prove(said)
        raise NotHeld("There is nothing like it.")

    def take_archive(self, wanted: Wanted, archive: Iterable[bytes]) -> bytes:
        if not self.is_up:
            raise Unreached("It is down.")
        self.engine.import_car(BytesIO(b"".join(archive)))
        return b""

    def _take(self, said: dict[str, object]) -> bytes:
        terms = leases.read(
            str(said["lease"]),
            gateway=identity.own().peer_id,
            node=self.identity.peer_id,
            now=time.time(),
        )
        if not self.refuses:
            self.leases[terms.serial] = terms
        if said["sources"]:
            self.engine.import_car(BytesIO(b"".join(network.engine().export_car(terms.cid))))
        return b"{}"

    def _stands(self, serial: str) -> bytes:
        if serial not in self.leases:
            return json.dumps({"state": "refused", "why": "No room."}).encode()
        is_here = self.engine.has(self.leases[serial].cid, recursive=True)
        return json.dumps({"state": "held" if is_here else "fetching", "have": 0}).encode()

    def _prove(self, said: dict[str, object]) -> bytes:
        if said["serial"] not in self.leases:
            raise NotHeld("No such lease.")
        question = challenges.read(said["nonce"], said["blocks"])
        root = challenges.answer(question, self._block)
        return json.dumps({"root": root.hex()}).encode()

    def _block(self, cid: str) -> bytes:
        if self.forgets:
            raise NotHeld("It was thrown away.")
        try:
            return self.engine.get_block(cid)
        except NodeError as error:
            raise NotHeld(str(error)) from error


class Crowd:
    """All the nodes of a test, known by their addresses."""

    def __init__(self) -> None:
        self.nodes: dict[str, PretendNode] = {}

    def join(self, count: int = 1, **fields: object) -> list[Node]:
        """So many nodes, each of an operator and a network of its own, there and idle."""
        return [self._join(fields) for _ in range(count)]

    def _join(self, fields: dict[str, object]) -> Node:
        number = len(self.nodes)
        url = f"https://node{number}.example"
        self.nodes[url] = made = PretendNode()
        operator = Operator.objects.create(user=User.objects.create(name=f"op{number}"))
        return Node.objects.create(
            **{
                "peer_id": made.identity.peer_id,
                "operator": operator,
                "state": Node.State.ACTIVE,
                "urls": [url],
                "certificate": "00" * 32,
                "prefix": f"203.0.{number}.0/24",
                "capacity": 100 * GIB,
                "free": 100 * GIB,
                "prices": {"storage": 1000, "delivery": 0, "compute": {}},
                "last_seen": timezone.now(),
                **fields,
            }
        )

    def of(self, node: Node) -> PretendNode:
        return self.nodes[node.urls[0]]

    def kill(self, *nodes: Node) -> None:
        for node in nodes:
            self.of(node).is_up = False

    def exchange(self, _lines: object, provider: Provider, call: Call, wanted: Wanted) -> bytes:
        return self.nodes[provider.url].answer(wanted)

    def hand_over(
        self,
        _lines: object,
        provider: Provider,
        call: Call,
        wanted: Wanted,
        archive: Iterable[bytes],
    ) -> bytes:
        return self.nodes[provider.url].take_archive(wanted, archive)


def stand_in(monkeypatch: pytest.MonkeyPatch) -> Crowd:
    crowd = Crowd()
    monkeypatch.setattr(asking, "exchange", crowd.exchange)
    monkeypatch.setattr(asking, "hand_over", crowd.hand_over)
    monkeypatch.setattr(joining, "located", addresses.parse)
    monkeypatch.setattr(joining, "prefix", lambda url: f"198.51.{len(url)}.0/24")
    return crowd


def rounds(count: int = 3) -> None:
    """What the clock's tasks do, at once, without waiting between two tries."""
    for _ in range(count):
        presence.follow()
        Placement.objects.update(looked_at=None)
        for placement_id in placing.due():
            placing.look(placement_id)
        leasing.renew()
        Lease.objects.update(next_try=timezone.now())
        for lease_id in leasing.due():
            leasing.advance(lease_id)


def held(placement: Placement) -> list[Lease]:
    return list(placement.leases.filter(state="held").select_related("node"))

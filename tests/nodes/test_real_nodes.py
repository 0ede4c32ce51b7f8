"""The whole way with nodes that are processes: they register, keep, prove, die and are replaced."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from django.utils import timezone
from pytest_django import Settings

from gateway.node import composing
from node_bridge import MemoryEngine
from node_bridge.network import descriptions
from node_bridge.network.descriptions import Description, Prices
from node_bridge.network.identity import Identity
from tests.gateway.serving import free_port
from tests.node.nodes import Running, start_node
from tests.nodes.pretend import held, rounds
from tests.nodes.test_placing import placed
from tests.people.make_people import make_user
from wetube.content import network
from wetube.nodes import (
    auditing,
    calling,
    identity,
    joining,
    presence,
    registering,
    sealing,
    shards,
    unsealing,
)
from wetube.nodes.models import Audit, Lease, Node, Placement
from wetube.nodes.sealing import Sealed

pytestmark = [pytest.mark.network, pytest.mark.django_db]
COUNT = 7
BYTES = Random(11).randbytes(7_000_000)  # three stripes


@pytest.fixture
def running(tmp_path: Path, settings: Settings) -> Iterator[list[Running]]:
    """Seven nodes of seven people, registered and called back."""
    settings.NODE_RANGES = ["127.0.0.0/8"]
    settings.GATEWAY_URL = "http://gateway.example"  # nobody fetches there: parts are brought
    calling._connections.cache_clear()
    shards._gatherer.cache_clear()
    with ExitStack() as stack, ThreadPoolExecutor(COUNT) as pool:

        def begin(port: int, gateway: Identity) -> Running:
            prices = {"storage": "0.00001"}
            folder = tmp_path / f"node{port}"
            return stack.enter_context(
                start_node(folder, gateway=gateway, prices=prices, port=port)
            )

        nodes = list(pool.map(begin, _ports(), [identity.own()] * COUNT))
        for number, one in enumerate(nodes):
            _let_in(one, registering.new_token(make_user(f"op{number}")))
        yield nodes


def _let_in(one: Running, token: str) -> None:
    """It says what it is; the gateway calls it back over TLS, under the certificate it named."""
    said = Description(
        urls=(one.url,),
        certificate=one.certificate,
        capacity=10**9,
        free=10**9,
        prices=Prices(1000, 0, {}),
    )
    statement = descriptions.write(said, one.identity, gateway=one.gateway.peer_id, now=time.time())
    node = registering.register(statement, token=token)
    assert joining.call_back(node.pk), Node.objects.get(pk=node.pk).why


def _run_of(running: list[Running], lease: Lease) -> Running:
    return next(one for one in running if one.peer_id == lease.node.peer_id)


def _read(made: Sealed) -> bytes:
    return b"".join(unsealing.read_private(made.reference, made.key))


def _proofs(leases: list[Lease]) -> list[str]:
    asked = [auditing.ask(lease.pk) for lease in leases]
    return [_judged(audit) for audit in asked if audit]


def _judged(audit: Audit) -> str:
    """The verdict; whoever is too busy to answer is asked again, as the clock would."""
    verdicts = (auditing.put(audit.pk) for _turn in range(auditing.TURNS))
    return next(verdict for verdict in verdicts if verdict)


def _ports() -> list[int]:
    """One for each: asked for at once, they could be the same."""
    ports: set[int] = set()
    while len(ports) < COUNT:
        ports.add(free_port())
    return list(ports)


def test_nodes_keep_prove_die_and_are_replaced_and_no_byte_is_lost(
    running: list[Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    film = placed(Random(3).randbytes(3_000_000))
    made = sealing.store_private([BYTES])
    rounds(3)
    assert len(held(film)) == 3
    coded = Placement.objects.get(kind="coded")
    assert len(held(coded)) == 5
    assert set(_proofs(held(film) + held(coded))) == {"passed"}

    empty = MemoryEngine()
    monkeypatch.setattr(network, "engine", lambda: empty)
    unsealing._manifest.cache_clear()
    assert _read(made) == BYTES

    before = held(coded)
    dead = [_run_of(running, lease) for lease in before[:2]]
    for one in dead:
        one.kill()
    assert _read(made) == BYTES

    gone = Node.objects.filter(peer_id__in=[one.peer_id for one in dead])
    gone.update(last_seen=timezone.now() - timedelta(days=2))
    presence.follow()
    presence.follow()
    assert {node.state for node in gone} == {Node.State.LOST}
    rounds(4)
    after = held(coded)
    assert [lease.cid for lease in sorted(after, key=_index)] == coded.columns
    assert not {lease.node for lease in after} & set(gone)
    new = [lease for lease in after if lease.pk not in {one.pk for one in before}]
    assert set(_proofs(new)) == {"passed"}

    cheat = _run_of(running, new[0])
    cheat.stop()
    _throw_away(cheat)
    cheat.start()
    assert _proofs([new[0]]) == ["failed"]
    assert _read(made) == BYTES


def _index(lease: Lease) -> int:
    return lease.index


def _throw_away(node: Running) -> None:
    """An operator who keeps the pay and not the bytes."""
    store = node.folder / composing.STORE / "blocks"
    blocks = [path for path in store.rglob("*") if path.is_file()]
    assert blocks
    for path in blocks:
        path.unlink()

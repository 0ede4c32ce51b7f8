"""Whom the site names as holders: itself, and nodes that hold an open whole copy now."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone
from pytest_django import Settings

from node_bridge.network.identity import Identity
from wetube.nodes.models import Lease, Node, Operator, Placement
from wetube.nodes.routing import SiteRouter, delegates
from wetube.people.models import User

ROOT = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def _here(settings: Settings, tmp_path: object) -> None:
    settings.KEYS_DIR = tmp_path
    settings.GATEWAY_URL = "https://gate.example"


@pytest.fixture
def node(bob: User) -> Node:
    return Node.objects.create(
        peer_id=Identity.create().peer_id,
        operator=Operator.objects.create(user=bob),
        state=Node.State.ACTIVE,
        urls=["https://node.example:4443", "nonsense"],
    )


@pytest.fixture
def lease(node: Node) -> Lease:
    placement = Placement.objects.create(
        root=ROOT, kind="whole", holder="video:1", size=11, wanted=2, is_open=True
    )
    return Lease.objects.create(
        node=node,
        placement=placement,
        cid=ROOT,
        size=11,
        price=1,
        state=Lease.State.HELD,
        not_after=timezone.now() + timedelta(days=30),
    )


def holders(cid: str = ROOT) -> list[str]:
    return [peer.peer_id for peer in async_to_sync(SiteRouter().providers)(cid)]


def test_the_gateway_comes_first_and_then_who_holds_a_lease(lease: Lease) -> None:
    here, there = async_to_sync(SiteRouter().providers)(ROOT)
    assert here.addrs == ("/dns/gate.example/tcp/443/tls/http",)
    assert there.peer_id == lease.node.peer_id
    assert there.addrs == ("/dns/node.example/tcp/4443/tls/http",)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": Lease.State.FETCHING},
        {"state": Lease.State.LOST},
        {"not_before": timezone.now() - timedelta(9), "not_after": timezone.now() - timedelta(8)},
    ],
)
def test_a_lease_that_does_not_hold_names_nobody(lease: Lease, changes: dict[str, object]) -> None:
    Lease.objects.filter(pk=lease.pk).update(**changes)
    assert lease.node.peer_id not in holders()


def test_a_silent_node_is_not_named(lease: Lease) -> None:
    Node.objects.update(state=Node.State.SUSPECT)
    assert lease.node.peer_id not in holders()


@pytest.mark.parametrize("private", [{"is_open": False}, {"kind": "coded"}])
def test_private_placements_and_shards_are_told_to_nobody(
    lease: Lease, private: dict[str, object]
) -> None:
    Placement.objects.update(**private)
    assert lease.node.peer_id not in holders()


def test_peers_are_found_while_they_are_there(node: Node) -> None:
    find = async_to_sync(SiteRouter().peer)
    found = find(node.peer_id)
    assert found is not None
    assert found.addrs == ("/dns/node.example/tcp/4443/tls/http",)
    assert find(Identity.create().peer_id) is None
    Node.objects.update(state=Node.State.LOST)
    assert find(node.peer_id) is None


def test_delegates_carry_the_gateways_name() -> None:
    (address,) = delegates()
    assert address.startswith("/dns/gate.example/tcp/443/tls/http/p2p/12D3Koo")
    name = address.rpartition("/")[2]
    here = async_to_sync(SiteRouter().peer)(name)
    assert here is not None
    assert here.peer_id == name

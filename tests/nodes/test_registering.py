"""How nodes come in: a person's token, a statement that counts once, a call back; and refusals."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from node_bridge.network import descriptions, requests, statements
from node_bridge.network.descriptions import Description, Prices
from node_bridge.network.identity import Identity
from node_bridge.network.requests import Asked
from tests.nodes.pretend import Crowd, PretendNode
from wetube.nodes import calling, identity, joining, presence, registering
from wetube.nodes.models import Node, Operator, SpentRequest
from wetube.people.models import User

pytestmark = pytest.mark.django_db

NODE = Identity.create()
URL = "https://olgas.example"


def said(**changes: Any) -> Description:
    plain: dict[str, Any] = {
        "urls": (URL,),
        "certificate": "ab" * 32,
        "capacity": 10**12,
        "free": 10**11,
        "prices": Prices(5, 6, {"720p": 7}),
    }
    return Description(**{**plain, **changes})


def statement(by: Identity = NODE, *, ago: float = 0, to: str = "", **changes: Any) -> str:
    gateway = to or identity.own().peer_id
    return descriptions.write(said(**changes), by, gateway=gateway, now=time.time() - ago)


def post(path: str, body: object, *, by: Identity | None = None, header: str = "") -> Any:
    """The answer of the site to a node."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    if by:
        asked = Asked("POST", path, data)
        header = requests.write(asked, by, to=identity.own().peer_id, now=time.time())
    return Client().post(
        path, data, content_type="application/json", headers={"authorization": header}
    )


def beat(by: Identity = NODE, **how: Any) -> Any:
    return post("/nodes/v1/heartbeat", {"statement": statement(by, **how)}, by=by)


@pytest.fixture
def token(olga: User) -> str:
    return registering.new_token(olga)


@pytest.fixture
def node(token: str, crowd: Crowd) -> Node:
    """Olga's, registered, called back, and heard of a while ago."""
    crowd.nodes[URL] = PretendNode(NODE)
    made = registering.register(statement(ago=30), token=token)
    joining.call_back(made.pk)
    return Node.objects.get()


def rows() -> list[object]:
    """All that registering could change."""
    return [
        *Node.objects.values("peer_id", "operator", "state", "urls", "certificate", "free"),
        *Operator.objects.values(),
    ]


def test_a_gateway_says_who_it_is() -> None:
    answer = Client().get("/nodes/v1/gateway")
    assert answer.json()["peer_id"] == identity.own().peer_id


def test_a_node_registers_and_is_in_once_it_was_reached(
    olga: User, token: str, crowd: Crowd
) -> None:
    crowd.nodes[URL] = PretendNode(NODE)
    answer = post("/nodes/v1/nodes", {"statement": statement(), "token": token})
    made = Node.objects.get()
    assert (answer.status_code, answer.json()) == (201, {"key": made.key, "state": "joining"})
    assert made.operator.user == olga
    assert (made.free, made.prices["compute"], made.urls) == (10**11, {"720p": 7}, [URL])
    assert joining.call_back(made.pk)
    assert not joining.call_back(made.pk)
    made.refresh_from_db()
    assert (made.state, made.prefix) == (Node.State.ACTIVE, joining.prefix(URL))


def test_a_node_that_cannot_be_reached_waits_with_the_reason(token: str, crowd: Crowd) -> None:
    crowd.nodes[URL] = PretendNode(NODE, is_up=False)
    made = registering.register(statement(), token=token)
    assert not joining.call_back(made.pk)
    made.refresh_from_db()
    assert made.state == Node.State.JOINING
    assert "reached" in made.why
    assert joining.waiting() == [made.pk]
    crowd.nodes[URL].is_up = True
    assert joining.call_back(made.pk)


@pytest.mark.parametrize(
    ("change", "status", "name"),
    [
        ({"token": "wto_wrong"}, 401, "UnknownOperator"),
        ({"token": ""}, 401, "UnknownOperator"),
        ({"token": None}, 400, "BadBody"),
        ({"statement": "no"}, 401, "Malformed"),
        ({"statement": 5}, 400, "BadBody"),
    ],
)
def test_who_may_not_register_is_refused_by_name(
    token: str, change: dict[str, Any], status: int, name: str
) -> None:
    before = rows()
    answer = post("/nodes/v1/nodes", {"statement": statement(), "token": token, **change})
    assert (answer.status_code, answer.json()["error"]) == (status, name)
    assert answer.json()["detail"]
    assert rows() == before


def test_a_statement_for_another_gateway_or_of_another_day_is_refused(token: str) -> None:
    before = rows()
    for wrong, name in (
        (statement(to=Identity.create().peer_id), "NotYours"),
        (statement(ago=400), "Expired"),
        (statement()[:-8] + "AAAAAAAA", "Forged"),
        (statements.state(NODE, "wt-lease+jwt", {"exp": 1 << 40}), "WrongKind"),
    ):
        answer = post("/nodes/v1/nodes", {"statement": wrong, "token": token})
        assert (answer.status_code, answer.json()["error"]) == (401, name)
    assert rows() == before


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"nul\0", b"[" * 70_000, b"\xff"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    answer = post("/nodes/v1/nodes", body)
    assert (answer.status_code, answer.json()["error"]) == (400, "BadBody")
    assert not Node.objects.exists()


def test_a_node_cannot_be_taken_over_by_another_person(bob: User, node: Node) -> None:
    before = rows()
    answer = post(
        "/nodes/v1/nodes", {"statement": statement(), "token": registering.new_token(bob)}
    )
    assert (answer.status_code, answer.json()["error"]) == (403, "ForeignNode")
    assert rows()[:1] == before[:1]


def test_a_new_token_ends_the_one_before(olga: User, token: str) -> None:
    registering.new_token(olga)
    with pytest.raises(registering.UnknownOperator):
        registering.register(statement(), token=token)
    registering.forget_token(olga)
    with pytest.raises(registering.UnknownOperator):
        registering.register(statement(), token="")


def test_a_heartbeat_tells_what_is_new_and_hears_how_it_stands(node: Node) -> None:
    answer = beat(free=77)
    assert answer.status_code == 200
    assert answer.json() == {
        "state": "active",
        "why": "",
        "leases": [],
        "drop": [],
        "again_in": 60,
    }
    node.refresh_from_db()
    assert node.free == 77
    assert node.last_seen
    assert timezone.now() - node.last_seen < timedelta(seconds=20)


def test_a_silent_node_that_speaks_again_is_active_again(node: Node) -> None:
    Node.objects.update(last_seen=timezone.now() - timedelta(hours=2))
    presence.follow()
    node.refresh_from_db()
    assert node.state == Node.State.SUSPECT
    assert beat().json()["state"] == "active"


def test_a_node_that_moved_is_called_back_before_it_is_read_from(node: Node, crowd: Crowd) -> None:
    new = "https://moved.example"
    assert beat(urls=(new,)).json()["state"] == "joining"
    crowd.nodes[new] = PretendNode(NODE)
    joining.call_back(node.pk)
    node.refresh_from_db()
    assert (node.state, node.urls) == (Node.State.ACTIVE, [new])


def test_a_node_is_forgiven_three_losses_and_then_stays_away(node: Node) -> None:
    for losses in range(1, presence.LOSSES_FORGIVEN + 1):
        _lose(node)
        assert (node.state, node.losses) == (Node.State.LOST, losses)
        assert beat().json()["state"] == "joining"
        assert joining.call_back(node.pk)
    _lose(node)
    before = rows()
    assert node.state == Node.State.REFUSED
    answer = beat()
    assert (answer.status_code, answer.json()["error"]) == (403, "Unwelcome")
    assert rows() == before


def _lose(node: Node) -> None:
    Node.objects.update(last_seen=timezone.now() - timedelta(days=2), last_statement=0)
    presence.follow()
    presence.follow()
    node.refresh_from_db()


def test_a_request_counts_once(node: Node) -> None:
    body = json.dumps({"statement": statement()}).encode()
    path = "/nodes/v1/heartbeat"
    header = requests.write(
        Asked("POST", path, body), NODE, to=identity.own().peer_id, now=time.time()
    )
    assert post(path, body, header=header).status_code == 200
    before = rows()
    again = post(path, body, header=header)
    assert (again.status_code, again.json()["error"]) == (401, "Replayed")
    assert rows() == before


def test_a_request_is_for_its_body_its_path_and_its_gateway(node: Node) -> None:
    before = rows()
    body = {"statement": statement()}
    data = json.dumps(body).encode()
    own = identity.own().peer_id
    for asked, to in (
        (Asked("POST", "/nodes/v1/heartbeat", b"{}"), own),
        (Asked("POST", "/nodes/v1/exit", data), own),
        (Asked("GET", "/nodes/v1/heartbeat", data), own),
        (Asked("POST", "/nodes/v1/heartbeat", data), NODE.peer_id),
    ):
        header = requests.write(asked, NODE, to=to, now=time.time())
        assert post("/nodes/v1/heartbeat", data, header=header).status_code == 401
    assert post("/nodes/v1/heartbeat", data).status_code == 401
    assert rows() == before
    assert not SpentRequest.objects.exists()


def test_nobody_speaks_for_another_node(node: Node) -> None:
    before = rows()
    stranger = Identity.create()
    answer = post("/nodes/v1/heartbeat", {"statement": statement()}, by=stranger)
    assert (answer.status_code, answer.json()["error"]) == (401, "NotYours")
    assert beat(stranger).status_code == 404
    assert rows() == before


def test_what_was_said_before_does_not_count_any_more(node: Node) -> None:
    assert beat().status_code == 200
    before = rows()
    answer = beat(ago=10, free=1)
    assert (answer.status_code, answer.json()["error"]) == (409, "StaleStatement")
    assert rows() == before


def test_a_body_past_its_bound_is_refused_unread(node: Node) -> None:
    answer = post("/nodes/v1/heartbeat", b" " * (64 * 1024 + 1), by=NODE)
    assert (answer.status_code, answer.json()["error"]) == (400, "BadBody")


def test_a_node_leaves_in_good_order_and_may_come_back(node: Node, token: str) -> None:
    answer = post("/nodes/v1/exit", {}, by=NODE)
    assert answer.json() == {"state": "leaving"}
    presence.follow()
    node.refresh_from_db()
    assert node.state == Node.State.GONE
    made = registering.register(statement(), token=token)
    assert made.state == Node.State.JOINING


def test_spent_requests_are_forgotten_when_they_could_not_count_any_more(node: Node) -> None:
    beat()
    presence.forget_spent()
    assert SpentRequest.objects.count() == 1
    SpentRequest.objects.update(expires=timezone.now() - timedelta(seconds=1))
    presence.forget_spent()
    assert not SpentRequest.objects.exists()


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:4443", "https://10.0.0.1", "https://[::1]", "https://169.254.1.1"]
)
def test_a_node_in_a_private_network_is_never_called(
    olga: User, token: str, url: str, settings: Settings
) -> None:
    settings.NODE_RANGES = []
    made = registering.register(statement(urls=(url,)), token=token)
    assert not joining.call_back(made.pk)
    made.refresh_from_db()
    assert made.state == Node.State.JOINING
    assert "private" in made.why


def test_a_prefix_is_the_network_and_on_opened_ranges_the_port(settings: Settings) -> None:
    settings.NODE_RANGES = ["127.0.0.0/8"]
    calling._connections.cache_clear()
    assert joining.prefix("https://8.8.8.8:99") == "8.8.8.0/24"
    assert joining.prefix("https://127.0.0.1:4443") == "127.0.0.1:4443"


def test_the_gateways_key_is_its_own_and_stays(tmp_path: Any, settings: Settings) -> None:
    first = identity.own()
    identity._kept.cache_clear()
    assert identity.own().peer_id == first.peer_id
    settings.KEYS_DIR = tmp_path / "others"
    assert identity.own().peer_id != first.peer_id
    assert (tmp_path / "others" / "network").stat().st_mode & 0o777 == 0o600

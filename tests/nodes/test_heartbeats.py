"""Signs of life: what they change, what they hear, and requests that do not count."""

import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from node_bridge.network import requests
from node_bridge.network.identity import Identity
from node_bridge.network.requests import Asked
from tests.nodes.make_statements import NODE, beat, post, rows, statement
from tests.nodes.pretend import Crowd, PretendNode
from wetube.nodes import identity, joining, presence
from wetube.nodes.models import Node, SpentRequest

pytestmark = pytest.mark.django_db


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
    other, stranger = Identity.create(), Identity.create()
    Node.objects.create(peer_id=other.peer_id, operator=node.operator)
    before = rows()
    answer = post("/nodes/v1/heartbeat", {"statement": statement()}, by=other)
    assert (answer.status_code, answer.json()["error"]) == (401, "NotYours")
    unknown = beat(stranger)
    assert (unknown.status_code, unknown.json()["error"]) == (404, "UnknownNode")
    assert rows() == before
    assert not SpentRequest.objects.filter(peer_id=stranger.peer_id).exists()


def test_a_clock_that_is_wrong_is_told_the_right_time(node: Node) -> None:
    body = json.dumps({"statement": statement()}).encode()
    asked = Asked("POST", "/nodes/v1/heartbeat", body)
    header = requests.write(asked, NODE, to=identity.own().peer_id, now=time.time() - 600)
    answer = post(asked.path, body, header=header)
    assert (answer.status_code, answer.json()["error"]) == (401, "Expired")
    assert abs(answer.json()["now"] - time.time()) < 20


def test_what_was_said_before_does_not_count_any_more(node: Node) -> None:
    assert beat().status_code == 200
    before = rows()
    answer = beat(ago=10, free=1)
    assert (answer.status_code, answer.json()["error"]) == (409, "StaleStatement")
    assert rows() == before


def test_a_body_past_its_bound_is_refused_unread(node: Node) -> None:
    answer = post("/nodes/v1/heartbeat", b" " * (64 * 1024 + 1), by=NODE)
    assert (answer.status_code, answer.json()["error"]) == (400, "BadBody")


def test_spent_requests_are_forgotten_when_they_could_not_count_any_more(node: Node) -> None:
    beat()
    presence.forget_spent()
    assert SpentRequest.objects.count() == 1
    SpentRequest.objects.update(expires=timezone.now() - timedelta(seconds=1))
    presence.forget_spent()
    assert not SpentRequest.objects.exists()

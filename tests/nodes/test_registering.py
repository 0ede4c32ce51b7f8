"""How nodes come in: a person's token, a statement that counts once, a call back; and refusals."""

import json
import socket
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from node_bridge.network import asking, statements
from node_bridge.network.asking import Wanted
from node_bridge.network.connections import Call
from node_bridge.network.identity import Identity
from node_bridge.network.providers import Provider
from tests.nodes.make_statements import NODE, URL, post, rows, statement
from tests.nodes.pretend import Crowd, PretendNode
from wetube.nodes import calling, identity, joining, presence, registering
from wetube.nodes.models import Node
from wetube.people.models import User

pytestmark = pytest.mark.django_db


def test_a_gateway_says_who_it_is() -> None:
    answer = Client().get("/nodes/v1/gateway")
    assert answer.json()["peer_id"] == identity.own().peer_id


def test_who_moves_while_it_is_called_back_is_not_in(
    token: str, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a node is in under the prefix of a place where it is not, beside its own other nodes."""
    made = registering.register(statement(), token=token)

    def reached(node: Node) -> str:
        Node.objects.filter(pk=node.pk).update(urls=["https://elsewhere.example"])
        return "198.51.100.0/24"

    monkeypatch.setattr(joining, "_reached", reached)

    assert not joining.call_back(made.pk)

    made.refresh_from_db()
    assert (made.state, made.prefix) == (Node.State.JOINING, "")


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


def test_a_node_is_reached_at_any_of_its_addresses(token: str, crowd: Crowd) -> None:
    """And is counted where it was reached."""
    reached = "https://olgas-other-line.example"
    crowd.nodes[URL] = PretendNode(NODE, is_up=False)
    crowd.nodes[reached] = PretendNode(NODE)
    made = registering.register(statement(urls=(URL, reached)), token=token)
    assert joining.call_back(made.pk)
    made.refresh_from_db()
    assert (made.state, made.prefix) == (Node.State.ACTIVE, f"198.51.{len(reached)}.0/24")


def test_a_node_that_names_the_address_of_another_is_not_let_in(token: str, crowd: Crowd) -> None:
    """Its certificate is no secret: whoever has a name and a token could speak for it."""
    crowd.nodes[URL] = PretendNode()
    made = registering.register(statement(), token=token)
    assert not joining.call_back(made.pk)
    made.refresh_from_db()
    assert (made.state, made.prefix) == (Node.State.JOINING, "")
    assert "Another node" in made.why


def test_a_name_that_changes_its_mind_changes_no_prefix(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network that counts is that of the machine that answered."""
    turns = iter(["8.8.8.8", "9.9.9.9", "9.9.9.9"])
    called: list[Provider] = []

    def resolve(_host: str, port: int, **_how: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(turns), port))]

    def exchange(_lines: object, provider: Provider, _call: Call, _wanted: Wanted) -> bytes:
        called.append(provider)
        return json.dumps({"peer_id": NODE.peer_id}).encode()

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(asking, "exchange", exchange)
    made = registering.register(statement(), token=token)
    assert joining.call_back(made.pk)
    made.refresh_from_db()
    assert made.prefix == "8.8.8.0/24"
    assert [(each.url, each.name) for each in called] == [("https://8.8.8.8", "olgas.example")]


def test_one_operator_has_so_many_nodes_and_no_more(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one token would have the gateway call back any number of machines, again and again."""
    monkeypatch.setattr(registering, "MOST_NODES", 2)
    first, second, third = (Identity.create() for _ in range(3))
    registering.register(statement(first), token=token)
    registering.register(statement(second), token=token)
    before = rows()
    answer = post("/nodes/v1/nodes", {"statement": statement(third), "token": token})
    assert (answer.status_code, answer.json()["error"]) == (403, "Unwelcome")
    assert rows() == before
    presence.leave(Node.objects.get(peer_id=first.peer_id))
    assert registering.register(statement(third), token=token).peer_id == third.peer_id


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


def test_a_node_leaves_in_good_order_and_may_come_back(node: Node, token: str) -> None:
    answer = post("/nodes/v1/exit", {}, by=NODE)
    assert answer.json() == {"state": "leaving"}
    presence.follow()
    node.refresh_from_db()
    assert node.state == Node.State.GONE
    made = registering.register(statement(), token=token)
    assert made.state == Node.State.JOINING


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

"""What nodes hand in over HTTP: signed requests alone, and a verdict on each receipt."""

import json
import time
from typing import Any

import pytest
from django.test import Client

from node_bridge.network import orders as order
from node_bridge.network import requests
from node_bridge.network.identity import Identity
from node_bridge.network.requests import Asked
from tests.cloudcoin import make as coin
from tests.nodes import make_pay as make
from wetube.nodes import identity, orders
from wetube.nodes.models import Node, NodeDebt, OrderLimit
from wetube.nodes.orders import Offer
from wetube.people.models import User

pytestmark = pytest.mark.django_db
NODE, CLIENT, OTHER = Identity.create(), Identity.create(), Identity.create()
RECEIPTS, DEBTS = "/nodes/v1/receipts", "/nodes/v1/debts"


@pytest.fixture
def node(olga: User) -> Node:
    made = make.node(olga, identity=NODE)
    make.film()
    make.holds(made)
    return made


@pytest.fixture
def offer(node: Node, alice: User, bob: User) -> Offer:
    charge = coin.charge(bob, alice)
    (made,) = orders.for_view(charge, root=make.ROOT, client=CLIENT.peer_id)
    return made


def post(path: str, said: object, by: Identity = NODE) -> Any:
    body = json.dumps(said).encode()
    asked = Asked("POST", path, body)
    header = requests.write(asked, by, to=identity.own().peer_id, now=time.time())
    return Client().post(
        path, body, content_type="application/json", headers={"Authorization": header}
    )


def told() -> list[object]:
    return [make.limits(), list(NodeDebt.objects.values_list("total")), make.books()]


def test_receipts_are_judged_one_by_one(node: Node, offer: Offer) -> None:
    said = {"receipts": [make.receipt(CLIENT, offer, 500), "rubbish"]}
    for _ in range(2):
        answer = post(RECEIPTS, said)
        assert answer.status_code == 200
        good, bad = answer.json()["receipts"]
        assert (good["serial"], good["bytes"], good["reason"]) == (offer.serial, 500, "")
        assert (bad["bytes"], bad["reason"]) == (0, "unsigned")
    assert OrderLimit.objects.get().received == 500


def test_a_request_that_nobody_signed_is_refused(node: Node, offer: Offer) -> None:
    before = told()
    body = {"receipts": [make.receipt(CLIENT, offer, 500)]}
    answer = Client().post(RECEIPTS, body, content_type="application/json")
    assert answer.status_code == 401
    assert told() == before


def test_a_stranger_hands_in_nothing(node: Node, offer: Offer) -> None:
    before = told()
    answer = post(RECEIPTS, {"receipts": [make.receipt(CLIENT, offer, 500)]}, by=OTHER)
    assert answer.status_code == 404
    assert told() == before


@pytest.mark.parametrize(
    "said", [{}, {"receipts": "x"}, {"receipts": [5]}, {"receipts": ["x"] * 101}, []]
)
def test_a_body_of_another_shape_is_refused(node: Node, said: object) -> None:
    before = told()
    answer = post(RECEIPTS, said)
    assert (answer.status_code, answer.json()["error"]) == (400, "BadBody")
    assert told() == before


def test_debts_are_counted_and_named_when_refused(node: Node, bob: User) -> None:
    make.node(bob, identity=OTHER)
    until = int(time.time()) + 60
    debt = order.owe(OTHER, creditor=node.peer_id, total=70, expires=until)
    assert post(DEBTS, {"debt": debt}).json() == {"total": 70, "settled": 0}

    before = told()
    for bad in (
        debt[:-4] + "AAAA",
        order.owe(OTHER, creditor=node.peer_id, total=1 << 50, expires=until),
    ):
        answer = post(DEBTS, {"debt": bad})
        assert (answer.status_code, answer.json()["error"]) == (402, "DebtRefused")
    assert told() == before

"""Many hands at once: nothing is asked twice, judged twice, paid twice or counted twice."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

import pytest
from django.utils import timezone

from node_bridge.network import leases as lease_terms
from node_bridge.network import requests
from node_bridge.network.requests import Asked
from tests.cloudcoin import make as coin
from tests.cloudcoin.conftest import shared_books
from tests.nodes import make_pay
from tests.nodes.make_statements import NODE, URL, beat, post, statement
from tests.nodes.pretend import Crowd, PretendNode, held, rounds, stand_in
from tests.nodes.test_placing import placed
from tests.people.make_people import make_user
from wetube.cloudcoin import ledger
from wetube.nodes import (
    auditing,
    identity,
    joining,
    keeping,
    leasing,
    placing,
    registering,
    storage_pay,
)
from wetube.nodes.models import Audit, Earning, Keeping, Lease, Node, SpentRequest, StorageDay

__all__ = ["shared_books"]

pytestmark = pytest.mark.usefixtures("shared_books")
HANDS = 6
Answer = TypeVar("Answer")


def at_once(call: Callable[[], Answer]) -> list[Answer]:
    """The same by many hands; nobody gets an error."""
    answers = coin.together(*[call] * HANDS)
    good = [answer for answer in answers if not isinstance(answer, Exception)]
    assert len(good) == HANDS, answers
    return good


@pytest.fixture
def network_of(shared_books: None, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    """Five nodes, in a database that really commits."""
    identity.own()
    crowd = stand_in(monkeypatch)
    crowd.join(5, prices={"storage": 10**7, "delivery": 0, "compute": {}})
    return crowd


def test_a_placement_looked_at_by_many_is_asked_for_once(network_of: Crowd) -> None:
    placement = placed()
    answers = at_once(partial(placing.look, placement.pk))
    assert sorted(len(asked) for asked in answers) == [0] * (HANDS - 1) + [3]
    operators = placement.leases.values_list("node__operator", flat=True)
    assert len(set(operators)) == len(operators) == 3


def test_a_lease_is_advanced_by_one_hand_at_a_time(network_of: Crowd) -> None:
    placement = placed()
    (first, *_rest) = placing.look(placement.pk)
    at_once(partial(leasing.advance, first))
    lease = Lease.objects.get(pk=first)
    assert lease.state in {Lease.State.FETCHING, Lease.State.HELD}
    assert list(network_of.of(lease.node).leases) == [lease.serial]


def test_an_audit_judged_by_many_counts_once(network_of: Crowd) -> None:
    placement = placed(b"scene" * 400_000)
    rounds()
    lease = held(placement)[0]
    day_ago = timezone.now() - timedelta(days=1)
    Lease.objects.filter(pk=lease.pk).update(paid_through=day_ago)
    asked = at_once(partial(auditing.ask, lease.pk))
    (audit,) = [one for one in asked if one]
    verdicts = at_once(partial(auditing.put, audit.pk))
    assert sorted(verdicts) == [""] * (HANDS - 1) + ["passed"]
    day = StorageDay.objects.get()
    worth = lease_terms.worth(price=lease.price, size=lease.size, seconds=86_400)
    assert day.asked == 1
    assert day.amount == pytest.approx(worth, rel=0.01)
    assert Audit.objects.count() == 1


def test_a_day_is_paid_once(network_of: Crowd) -> None:
    node = Node.objects.first()
    assert node
    yesterday = timezone.now().date() - timedelta(days=1)
    StorageDay.objects.create(
        node=node, day=yesterday, leases=1, byte_hours=1, passed=1, asked=1, full=90, amount=90
    )
    make_pay.fund_nodes(1000)
    answers = at_once(storage_pay.pay)
    assert sum(answers) == 1
    assert Earning.objects.get().amount == 90
    assert make_pay.nodes_have() == 910


def test_a_keeping_is_paid_once(network_of: Crowd) -> None:
    placement = placed()
    rounds()
    bob = make_user("bob")
    had = ledger.account_of(bob).balance
    answers = at_once(partial(keeping.pay, bob, placement.root, days=30, reference="once"))
    assert set(answers) == {Keeping.objects.get()}
    assert ledger.account_of(bob).balance == had - Keeping.objects.get().amount


def test_a_request_sent_many_times_at_once_is_answered_once(network_of: Crowd) -> None:
    network_of.nodes[URL] = PretendNode(NODE)
    token = registering.new_token(make_user("olga"))
    node = registering.register(statement(ago=60), token=token)
    joining.call_back(node.pk)
    body = json.dumps({"statement": statement()}).encode()
    path = "/nodes/v1/heartbeat"
    header = requests.write(
        Asked("POST", path, body), NODE, to=identity.own().peer_id, now=time.time()
    )
    answers = at_once(partial(post, path, body, header=header))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [401] * (HANDS - 1)
    assert SpentRequest.objects.count() == 1
    assert beat(ago=-2).status_code == 200


def test_a_node_registered_by_many_hands_is_one_node(network_of: Crowd) -> None:
    network_of.nodes[URL] = PretendNode(NODE)
    token = registering.new_token(make_user("olga"))
    said = [statement(ago=second) for second in range(HANDS)]
    answers = coin.together(*[partial(registering.register, one, token=token) for one in said])
    kinds = {type(answer) for answer in answers}
    assert kinds <= {Node, registering.StaleStatement}
    assert Node in kinds
    assert Node.objects.filter(peer_id=NODE.peer_id).count() == 1

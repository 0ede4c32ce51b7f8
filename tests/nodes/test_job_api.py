"""Nodes ask for work over HTTP: what they hear, and what is refused with nothing moved."""

from datetime import timedelta
from typing import Any

import pytest

from node_bridge.network.identity import Identity
from tests.nodes import make_pay
from tests.nodes.make_jobs import CID, NEEDS, age, offered, worker
from tests.nodes.make_statements import post
from wetube.content import grants
from wetube.nodes import judging
from wetube.nodes.models import Job, Node
from wetube.people.models import User

pytestmark = pytest.mark.django_db

WHO = Identity.create()
ABLE: dict[str, Any] = {"able": [NEEDS], "most_source": 10**6}


@pytest.fixture
def node(olga: User) -> Node:
    make_pay.fund_nodes(10**6)
    return worker(olga, identity=WHO)


def say(verb: str, by: Identity = WHO, **said: Any) -> Any:
    return post(f"/nodes/v1/jobs/{verb}", said, by=by)


def rows() -> list[object]:
    """All that jobs could change."""
    return [sorted(Job.objects.values_list()), sorted(Node.objects.values_list("alpha", "beta"))]


def test_a_job_over_http_from_its_offer_to_its_pay(node: Node) -> None:
    job = offered()
    heard = say("take", **ABLE).json()
    given = heard["job"]
    assert given["key"] == job.key
    assert (given["needs"], given["price"], given["rungs"]) == (NEEDS, 30, ["480", "240"])
    assert given["source"]["cid"] == job.source
    token = given["source"]["url"].split("/g/")[1].split("/")[0]
    assert grants.keyring().open(token, now=0).subject == job.source
    assert say("take", **ABLE).json()["job"] is None

    stands = say("renew", job=job.key, fraction=0.5).json()
    assert (stands["state"], stands["bring"]) == ("taken", "")
    stands = say("return", job=job.key, cid=CID, size=4000).json()
    assert stands["state"] == "returned"

    judged = judging.begin(job.pk)
    assert judged
    judging.ask_to_bring(judged)
    place = say("renew", job=job.key).json()["bring"]
    grant = grants.keyring().open(place.split("/g/")[1].split("/")[0], now=0)
    assert (grant.verb, grant.subject) == ("upload", f"job-{job.key}")
    assert 4000 < grant.limit < 4000 * 1.1 + (1 << 20)

    again = judging.begin(job.pk)
    assert again is None
    Job.objects.update(is_here=True)
    judged = judging.begin(job.pk)
    assert judged
    judging.accept(judged, seconds=8.0)
    stands = say("renew", job=job.key).json()
    assert (stands["state"], stands["earned"]) == ("accepted", 240)


def test_giving_up_over_http(node: Node) -> None:
    job = offered()
    say("take", **ABLE)
    assert say("give-up", job=job.key, why="no room").json()["state"] == "lost"
    job.refresh_from_db()
    assert job.why == "Given up: no room"


@pytest.mark.parametrize(
    ("verb", "said", "status"),
    [
        ("take", {}, 400),
        ("take", {"able": "all", "most_source": 1}, 400),
        ("take", {"able": [7], "most_source": 1}, 400),
        ("take", {"able": ["x"] * 99, "most_source": 1}, 400),
        ("take", {"able": ["x" * 99], "most_source": 1}, 400),
        ("take", {"able": [], "most_source": -1}, 400),
        ("take", {"able": [], "most_source": True}, 400),
        ("renew", {}, 400),
        ("renew", {"job": "nobodys"}, 404),
        ("renew", {"job": "\0"}, 400),
        ("renew", {"job": "KEY", "fraction": "half"}, 400),
        ("renew", {"job": "KEY", "fraction": float("nan")}, 400),
        ("return", {"job": "KEY", "cid": CID}, 400),
        ("return", {"job": "KEY", "cid": CID, "size": 5001}, 422),
        ("return", {"job": "KEY", "cid": "../../etc", "size": 1}, 422),
        ("return", {"job": "KEY", "cid": CID, "size": 1.5}, 400),
        ("give-up", {"job": "KEY", "why": "\0"}, 400),
        ("give-up", {"job": "KEY"}, 400),
        ("give-up", {"job": "KEY", "why": "\ud800"}, 400),
        ("take", {"able": ["\ud800"], "most_source": 1}, 400),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_moves(
    node: Node, verb: str, said: dict[str, Any], status: int
) -> None:
    job = offered()
    if verb != "take":
        say("take", **ABLE)
    before = rows()
    filled: dict[str, Any] = {
        name: job.key if value == "KEY" else value for name, value in said.items()
    }
    answer = say(verb, **filled)
    assert answer.status_code == status, answer.content
    assert answer.json()["error"]
    assert rows() == before


def test_a_stranger_an_unsigned_or_another_nodes_request_is_refused(node: Node, bob: User) -> None:
    job = offered()
    say("take", **ABLE)
    other = Identity.create()
    before = rows()
    assert say("take", by=other, **ABLE).status_code == 404
    worker(bob, identity=other)
    before = rows()
    asked: list[tuple[str, dict[str, Any]]] = [
        ("renew", {"job": job.key, "fraction": 1}),
        ("return", {"job": job.key, "cid": CID, "size": 1}),
        ("give-up", {"job": job.key, "why": "mine"}),
    ]
    for verb, said in asked:
        assert say(verb, by=other, **said).status_code == 404
        assert post(f"/nodes/v1/jobs/{verb}", said).status_code == 401
    assert rows() == before


def test_a_node_hears_that_its_job_is_over(node: Node) -> None:
    job = offered()
    say("take", **ABLE)
    age(job, due=timedelta(seconds=1))
    asked: list[tuple[str, dict[str, Any]]] = [
        ("return", {"cid": CID, "size": 1}),
        ("renew", {"fraction": 1}),
    ]
    for verb, said in asked:
        answer = say(verb, job=job.key, **said)
        assert (answer.status_code, answer.json()["error"]) == (410, "JobIsOver")
    assert Job.objects.get().state == Job.State.LOST


def test_a_node_that_may_not_work_hears_why(node: Node) -> None:
    offered()
    Node.objects.update(slots=0)
    answer = say("take", **ABLE)
    assert (answer.status_code, answer.json()["error"]) == (403, "NoWorkForYou")

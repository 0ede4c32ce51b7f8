"""Jobs of nodes: who gets one, how long it is theirs, and when it is over."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.nodes import make_pay
from tests.nodes.make_jobs import ABLE, CID, NEEDS, OTHER, age, offered, returned, taken, worker
from wetube.nodes import compute_prices, jobs
from wetube.nodes.jobs import Able, BadResult, JobIsOver, NotYourJob, NoWorkForYou, Work
from wetube.nodes.models import Job, Node
from wetube.people.models import User

pytestmark = pytest.mark.django_db


def test_the_oldest_offer_is_taken_for_a_lease(olgas: Node, settings: Settings) -> None:
    first, _second = offered("piece:a:1"), offered("piece:a:2")
    job = jobs.take(olgas.peer_id, ABLE)
    assert job == first
    assert job.state == Job.State.TAKEN
    assert (job.node, job.price) == (olgas, 30)
    now = timezone.now()
    assert job.claimed_until is not None
    assert job.due is not None
    assert job.claimed_until <= now + timedelta(seconds=settings.JOB_LEASE_SECONDS)
    assert job.due <= now + timedelta(seconds=100)


def test_of_one_piece_of_work_one_job_is_live(olgas: Node) -> None:
    job = taken(olgas)
    work = Work("piece:film:1", NEEDS, {}, CID, 1, ("240",), 1.0, 10, 10)
    assert jobs.offer(work) is None
    jobs.give_up(olgas.peer_id, job.key, why="no room")
    assert jobs.offer(work) is not None
    assert Job.objects.live().count() == 1


@pytest.mark.parametrize(
    ("fields", "able"),
    [
        ({}, Able(("transcode-1 ffmpeg-9.0",), 1 << 30)),
        ({}, Able((NEEDS,), 999)),
        ({"rungs": ("1080",)}, ABLE),  # 60 drops, and 50 are paid at most
    ],
)
def test_what_a_node_cannot_do_or_asks_too_much_for_is_not_given(
    olgas: Node, settings: Settings, fields: dict[str, Any], able: Able
) -> None:
    settings.COMPUTE_PRICE_LIMIT = 50
    job = offered(**fields)
    assert jobs.take(olgas.peer_id, able) is None
    job.refresh_from_db()
    assert (job.state, job.node) == (Job.State.OFFERED, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"slots": 0},
        {"state": Node.State.SUSPECT},
        {"state": Node.State.LEAVING},
        {"state": Node.State.REFUSED},
        {"last_seen": None},
        {"last_seen": timezone.now() - timedelta(days=2)},
        {"alpha": 10**6, "beta": 9 * 10**6},
    ],
)
def test_a_node_that_is_not_there_full_or_distrusted_gets_none(
    olgas: Node, fields: dict[str, Any]
) -> None:
    offered()
    Node.objects.filter(pk=olgas.pk).update(**fields)
    with pytest.raises(NoWorkForYou):
        jobs.take(olgas.peer_id, ABLE)
    assert Job.objects.get().state == Job.State.OFFERED


def test_a_node_that_nobody_reaches_works_too(olgas: Node) -> None:
    Node.objects.filter(pk=olgas.pk).update(state=Node.State.JOINING, urls=[])
    assert taken(olgas).node == olgas


def test_a_node_has_as_many_jobs_as_slots(olgas: Node) -> None:
    for number in range(3):
        offered(f"piece:film:{number}")
    assert jobs.take(olgas.peer_id, ABLE)
    job = jobs.take(olgas.peer_id, ABLE)
    assert job
    with pytest.raises(NoWorkForYou):
        jobs.take(olgas.peer_id, ABLE)
    jobs.give_up(olgas.peer_id, job.key, why="")
    assert jobs.take(olgas.peer_id, ABLE) is not None


def test_nothing_is_given_that_could_not_be_paid(olga: User) -> None:
    node = worker(olga)
    make_pay.fund_nodes(2 * 240 - 1)  # a job is worth 8 s of 30 drops
    offered("piece:film:1")
    offered("piece:film:2")
    assert jobs.take(node.peer_id, ABLE) is not None
    assert jobs.take(node.peer_id, ABLE) is None
    make_pay.fund_nodes(1)
    assert jobs.take(node.peer_id, ABLE) is not None


def test_a_sign_of_life_makes_the_lease_longer(olgas: Node) -> None:
    job = taken(olgas)
    Job.objects.update(claimed_until=timezone.now() + timedelta(seconds=1))
    renewed = jobs.renew(olgas.peer_id, job.key, fraction=0.5)
    assert renewed.claimed_until
    assert renewed.claimed_until > timezone.now() + timedelta(seconds=10)
    assert (renewed.renewals, renewed.fraction) == (1, 0.5)
    assert jobs.lapse() == []


def test_a_silent_node_loses_its_job_at_once_and_some_trust(olgas: Node) -> None:
    job = taken(olgas)
    age(job, claimed_until=timedelta(seconds=1))
    assert jobs.lapse() == [job]
    job.refresh_from_db()
    assert (job.state, job.earned) == (Job.State.LOST, 0)
    after = Node.objects.get(pk=olgas.pk)
    assert after.beta > olgas.beta
    assert jobs.lapse() == []
    assert Node.objects.get(pk=olgas.pk).beta == after.beta


def test_a_node_that_is_slow_loses_its_job_though_it_lives(olgas: Node) -> None:
    job = taken(olgas)
    age(job, due=timedelta(seconds=1))
    with pytest.raises(JobIsOver):
        jobs.renew(olgas.peer_id, job.key, fraction=0.9)
    assert Job.objects.get().state == Job.State.LOST


def test_a_result_that_comes_late_is_refused(olgas: Node) -> None:
    job = taken(olgas)
    age(job, claimed_until=timedelta(seconds=1))
    with pytest.raises(JobIsOver):
        jobs.give_back(olgas.peer_id, job.key, cid=CID, size=4000)
    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.LOST, "")
    with pytest.raises(JobIsOver):
        jobs.give_back(olgas.peer_id, job.key, cid=CID, size=4000)


def test_returning_twice_is_harmless_and_something_else_is_refused(olgas: Node) -> None:
    job = returned(olgas)
    assert job.state == Job.State.RETURNED
    assert jobs.give_back(olgas.peer_id, job.key, cid=CID, size=4000) == job
    with pytest.raises(BadResult):
        jobs.give_back(olgas.peer_id, job.key, cid=OTHER, size=4000)
    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.RETURNED, CID)


@pytest.mark.parametrize(("cid", "size"), [("no cid", 1), (CID, 0), (CID, 5001), ("", 1)])
def test_what_cannot_be_a_result_is_refused(olgas: Node, cid: str, size: int) -> None:
    job = taken(olgas)
    with pytest.raises(BadResult):
        jobs.give_back(olgas.peer_id, job.key, cid=cid, size=size)
    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.TAKEN, "")


def test_a_job_is_its_nodes_alone(olgas: Node, bob: User) -> None:
    job = taken(olgas)
    stranger = worker(bob)
    with pytest.raises(NotYourJob):
        jobs.renew(stranger.peer_id, job.key, fraction=0)
    with pytest.raises(NotYourJob):
        jobs.give_back(stranger.peer_id, job.key, cid=CID, size=1)
    with pytest.raises(NotYourJob):
        jobs.give_up(stranger.peer_id, job.key, why="")
    job.refresh_from_db()
    assert (job.state, job.node) == (Job.State.TAKEN, olgas)


def test_who_failed_a_piece_is_not_offered_it_again_under_any_of_his_nodes(
    olgas: Node, olga: User, bob: User
) -> None:
    job = taken(olgas)
    age(job, claimed_until=timedelta(seconds=1))
    jobs.lapse()
    offered()
    assert jobs.take(olgas.peer_id, ABLE) is None
    assert jobs.take(worker(olga).peer_id, ABLE) is None
    assert jobs.take(worker(bob).peer_id, ABLE) is not None


def test_giving_up_costs_no_trust(olgas: Node) -> None:
    job = taken(olgas)
    assert jobs.give_up(olgas.peer_id, job.key, why="no room").state == Job.State.LOST
    after = Node.objects.get(pk=olgas.pk)
    assert (after.alpha, after.beta) == (olgas.alpha, olgas.beta)
    assert jobs.give_up(olgas.peer_id, job.key, why="no room").state == Job.State.LOST


def test_an_offer_is_taken_back_only_while_nobody_has_it(olgas: Node) -> None:
    job = offered()
    stale = Job.objects.get(pk=job.pk)
    assert jobs.take(olgas.peer_id, ABLE) == job
    assert jobs.withdraw_offer(stale, "mine") is False
    assert Job.objects.get().state == Job.State.TAKEN
    assert jobs.withdraw(stale, "gone") is True
    with pytest.raises(JobIsOver):
        jobs.renew(olgas.peer_id, job.key, fraction=0)


def test_prices_are_those_of_the_next_rung_listed(olga: User, settings: Settings) -> None:
    settings.COMPUTE_PRICE_LIMIT = 100
    node = worker(olga)
    assert compute_prices.of(node, ["360"]) == 20
    assert compute_prices.of(node, ["2160"]) == 60
    assert compute_prices.of(node, ["1080", "480", "240"]) == 90
    assert compute_prices.due(3, 0.3334) == 0
    assert compute_prices.due(3, 0.334) == 1
    node.prices = {"compute": {"720p": 5, "best": 90}}
    assert compute_prices.of(node, ["1080", "240"]) == 10
    node.prices = {}
    assert compute_prices.of(node, ["240"]) == 0

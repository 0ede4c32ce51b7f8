"""Jobs of nodes: who gets one, how long it is theirs, what it is worth, and when it is over."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from node_bridge.network.identity import Identity
from tests.nodes import make_pay
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Journal
from wetube.core.states import TransitionRefused
from wetube.nodes import compute_prices, jobs, judging, standing
from wetube.nodes.jobs import Able, BadResult, JobIsOver, NotYourJob, NoWorkForYou, Work
from wetube.nodes.models import Earning, Job, Node
from wetube.people.models import User

pytestmark = pytest.mark.django_db

NEEDS = "transcode-1 ffmpeg-5.1"
ABLE = Able((NEEDS,), 1 << 30)
CID = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
OTHER = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
PRICES = {"storage": 0, "delivery": 0, "compute": {"240": 10, "480": 20, "1080": 60}}


def worker(user: User, *, identity: Identity | None = None, **fields: Any) -> Node:
    """A node that is there, with two slots."""
    there = {"slots": 2, "last_seen": timezone.now(), "prices": PRICES}
    return make_pay.node(user, identity=identity, **{**there, **fields})


def offered(subject: str = "piece:film:1", **fields: Any) -> Job:
    work = {
        "needs": NEEDS,
        "spec": {"version": 1},
        "source": CID,
        "source_size": 1000,
        "rungs": ("480", "240"),
        "seconds": 8.0,
        "most_bytes": 5000,
        "patience": 100,
    }
    job = jobs.offer(Work(subject=subject, **{**work, **fields}))
    assert job is not None
    return job


def taken(node: Node, **fields: Any) -> Job:
    offered(**fields)
    job = jobs.take(node.peer_id, ABLE)
    assert job is not None
    return job


def returned(node: Node, **fields: Any) -> Job:
    job = taken(node, **fields)
    return jobs.give_back(node.peer_id, job.key, cid=CID, size=4000)


def verifying(node: Node, **fields: Any) -> Job:
    job = judging.begin(returned(node, **fields).pk)
    assert job is not None
    return job


def age(job: Job, **columns: timedelta) -> None:
    """Let so much time go by for these columns of the job."""
    for name, ago in columns.items():
        Job.objects.filter(pk=job.pk).update(**{name: timezone.now() - ago})


@pytest.fixture
def olgas(olga: User) -> Node:
    make_pay.fund_nodes(10**6)
    return worker(olga)


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


def test_what_is_accepted_is_paid_once_to_the_drop(olgas: Node, olga: User) -> None:
    job = verifying(olgas)
    before = make_pay.nodes_have()
    judging.accept(job, seconds=7.9996)
    job.refresh_from_db()
    assert job.earned == 30 * 8000 // 1000
    assert job.paid_at is not None
    assert make_pay.nodes_have() == before - job.earned
    assert make_pay.journaled(olga) == job.earned
    earning = Earning.objects.get()
    assert (earning.kind, earning.reference) == (Earning.Kind.COMPUTATION, f"job:{job.key}")
    with pytest.raises(TransitionRefused):
        judging.accept(job, seconds=8.0)
    assert judging.pay_due() == 0
    assert make_pay.journaled(olga) == job.earned
    assert Node.objects.get(pk=olgas.pk).alpha > olgas.alpha * 98 // 100


def test_never_more_is_paid_than_was_offered(olgas: Node) -> None:
    job = verifying(olgas)
    judging.accept(job, seconds=10_000.0)
    assert Job.objects.get().earned == 8 * 30


def test_nothing_is_paid_before_it_is_judged_or_when_it_is_wrong(olgas: Node) -> None:
    before = make_pay.books()
    job = verifying(olgas)
    assert make_pay.books() == before
    judging.refuse(job, "It is another film.")
    job.refresh_from_db()
    assert (job.state, job.earned, job.why) == (Job.State.REFUSED, 0, "It is another film.")
    assert make_pay.books() == before
    assert judging.pay_due() == 0
    after = Node.objects.get(pk=olgas.pk)
    assert after.beta >= olgas.beta * 98 // 100 + standing.WRONG
    assert after.state == Node.State.ACTIVE


def test_a_newcomer_that_returns_wrong_work_twice_is_sent_away(olgas: Node) -> None:
    for number in range(2):
        judging.refuse(verifying(olgas, subject=f"piece:film:{number}"), "black")
    after = Node.objects.get(pk=olgas.pk)
    assert after.state == Node.State.REFUSED
    with pytest.raises(NoWorkForYou):
        jobs.take(olgas.peer_id, ABLE)


def test_what_cannot_be_covered_is_paid_later(olgas: Node, olga: User) -> None:
    job = verifying(olgas)
    _spend_all_of_the_nodes_coin(olga)
    judging.accept(job, seconds=8.0)
    job.refresh_from_db()
    assert (job.state, job.earned, job.paid_at) == (Job.State.ACCEPTED, 240, None)
    assert judging.pay_due() == 0
    make_pay.fund_nodes(240)
    assert judging.pay_due() == 1
    assert make_pay.nodes_have() == 0
    assert judging.pay_due() == 0


def test_a_result_is_judged_by_one_worker_at_a_time(olgas: Node) -> None:
    job = returned(olgas)
    mine = judging.begin(job.pk)
    assert mine is not None
    assert judging.begin(job.pk) is None
    assert not judging.due(Job.Kind.TRANSCODE).exists()
    age(job, claimed_until=timedelta(seconds=1))  # its judge died
    assert judging.due(Job.Kind.TRANSCODE).exists()
    again = judging.begin(job.pk)
    assert again is not None
    assert again.state == Job.State.VERIFYING


def test_a_result_that_kills_its_judges_is_dropped_and_nobody_is_blamed(olgas: Node) -> None:
    job = returned(olgas)
    for _ in range(judging.MOST_TRIES):
        assert judging.begin(job.pk) is not None
        age(job, claimed_until=timedelta(seconds=1))
    assert judging.begin(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.earned) == (Job.State.WITHDRAWN, 0)
    assert Node.objects.get(pk=olgas.pk).beta == olgas.beta


def test_a_result_nobody_can_fetch_is_awaited_and_then_lost(olgas: Node) -> None:
    job = verifying(olgas)
    judging.ask_to_bring(job)
    assert not judging.due(Job.Kind.TRANSCODE).exists()
    assert jobs.renew(olgas.peer_id, job.key, fraction=1).is_wanted
    assert jobs.lapse() == []
    age(job, due=timedelta(seconds=1))
    assert jobs.lapse() == [job]
    job.refresh_from_db()
    assert (job.state, job.earned) == (Job.State.LOST, 0)


def test_a_result_that_waits_for_our_judges_is_not_the_nodes_delay(olgas: Node) -> None:
    job = returned(olgas)
    age(job, due=timedelta(hours=1), returned_at=timedelta(hours=1))
    assert jobs.lapse() == []
    assert judging.begin(job.pk) is not None


def test_a_result_that_was_brought_and_is_gone_is_not_asked_for_without_end(olgas: Node) -> None:
    job = verifying(olgas)
    judging.ask_to_bring(job)
    due = job.due
    Job.objects.update(is_here=True)
    again = judging.begin(job.pk)
    assert again
    judging.ask_to_bring(again)
    assert (again.is_here, again.due) == (False, due)
    assert judging.begin(job.pk) is None


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


def _spend_all_of_the_nodes_coin(user: User) -> None:
    have = make_pay.nodes_have()
    legs = [(ledger.house(Account.Kind.NODES), -have), (ledger.account_of(user), have)]
    ledger.post(reference="spent", kind=Journal.Kind.TRANSFER, entries=legs)

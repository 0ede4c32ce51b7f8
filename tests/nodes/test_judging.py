"""Results of jobs: judged by one worker at a time, paid once, or refused and paid never."""

from datetime import timedelta

import pytest

from tests.nodes import make_jobs, make_pay
from tests.nodes.make_jobs import ABLE, age, returned, verifying
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Journal
from wetube.core.states import TransitionRefused
from wetube.nodes import jobs, judging, standing
from wetube.nodes.jobs import NoWorkForYou
from wetube.nodes.models import Earning, Job, Node
from wetube.people.models import User

pytestmark = pytest.mark.django_db


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


def test_a_node_that_was_forgotten_keeps_nobody_waiting(
    olgas: Node, olga: User, alice: User
) -> None:
    """Its operator left before the coin was there; those who come after are paid all the same."""
    first = verifying(olgas)
    second = verifying(make_jobs.worker(alice), subject="piece:film:2")
    _spend_all_of_the_nodes_coin(olga)
    judging.accept(first, seconds=8.0)
    judging.accept(second, seconds=8.0)
    olgas.delete()
    make_pay.fund_nodes(240)

    assert judging.pay_due() == 1

    assert make_pay.journaled(alice) == 240
    assert not Job.objects.unpaid().exists()


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


def _spend_all_of_the_nodes_coin(user: User) -> None:
    have = make_pay.nodes_have()
    legs = [(ledger.house(Account.Kind.NODES), -have), (ledger.account_of(user), have)]
    ledger.post(reference="spent", kind=Journal.Kind.TRANSFER, entries=legs)

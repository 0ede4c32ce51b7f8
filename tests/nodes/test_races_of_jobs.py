"""Many hands at once: a job is one node's, judged once, paid once, lost once."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from tests.cloudcoin import make as coin
from tests.cloudcoin.conftest import shared_books
from tests.nodes import make_pay
from tests.nodes.make_jobs import ABLE, CID, NEEDS, age, offered, returned, taken, worker
from tests.people.make_people import make_user
from wetube.core.states import TransitionRefused
from wetube.nodes import jobs, judging
from wetube.nodes.jobs import JobIsOver, Work
from wetube.nodes.models import Earning, Job, Node

__all__ = ["shared_books"]

pytestmark = pytest.mark.usefixtures("shared_books")
HANDS = 6


@pytest.fixture
def nodes(shared_books: None) -> list[Node]:
    make_pay.fund_nodes(10**6)
    return [worker(make_user(f"olga-{number}"), slots=1) for number in range(HANDS)]


def test_one_offer_is_one_nodes(nodes: list[Node]) -> None:
    offered()
    answers = coin.together(*(partial(jobs.take, node.peer_id, ABLE) for node in nodes))
    given = [answer for answer in answers if isinstance(answer, Job)]
    assert len(given) == 1, answers
    assert [answer for answer in answers if answer is None] == [None] * (HANDS - 1)
    assert Job.objects.get().node == given[0].node


def test_a_node_that_asks_many_times_gets_no_more_than_its_slots(nodes: list[Node]) -> None:
    for number in range(HANDS):
        offered(f"piece:film:{number}")
    ask = partial(jobs.take, nodes[0].peer_id, ABLE)
    answers = coin.together(*[ask] * HANDS)
    assert len([answer for answer in answers if isinstance(answer, Job)]) == 1
    assert {type(answer) for answer in answers} == {Job, jobs.NoWorkForYou}


def test_of_one_subject_one_offer_stands(nodes: list[Node]) -> None:
    work = Work("piece:film:1", NEEDS, {}, CID, 1, ("240",), 1.0, 10, 10)
    answers = coin.together(*[partial(jobs.offer, work)] * HANDS)
    assert len([answer for answer in answers if isinstance(answer, Job)]) == 1, answers
    assert Job.objects.count() == 1


def test_an_offer_is_taken_or_taken_back_not_both(nodes: list[Node]) -> None:
    for _ in range(5):
        job = offered()
        stale = Job.objects.get(pk=job.pk)
        took, back = coin.together(
            partial(jobs.take, nodes[0].peer_id, ABLE),
            partial(jobs.withdraw_offer, stale, "mine"),
        )
        job.refresh_from_db()
        assert (took is None) == (back is True) == (job.state == Job.State.WITHDRAWN)
        if took is not None:
            jobs.give_up(nodes[0].peer_id, job.key, why="again")
            Job.objects.all().delete()


def test_a_silent_node_is_blamed_once(nodes: list[Node]) -> None:
    job = taken(nodes[0])
    age(job, claimed_until=timedelta(seconds=1))
    answers = coin.together(*[jobs.lapse] * HANDS)
    assert sum(len(lost) for lost in answers if isinstance(lost, list)) == 1, answers
    after = Node.objects.get(pk=nodes[0].pk)
    assert after.beta == nodes[0].beta * 98 // 100 + 500_000


def test_a_result_is_in_time_or_late_not_both(nodes: list[Node]) -> None:
    """Returned and taken away at the same moment: it is one of the two for good."""
    job = taken(nodes[0])
    age(job, due=timedelta(milliseconds=-30))
    back, lost = coin.together(
        partial(jobs.give_back, nodes[0].peer_id, job.key, cid=CID, size=4000),
        partial(jobs.lose, Job.objects.get(pk=job.pk), "It took too long."),
    )
    job.refresh_from_db()
    if lost is True:
        assert isinstance(back, JobIsOver)
        assert job.state == Job.State.LOST
    else:
        assert isinstance(back, Job)
        assert job.state == Job.State.RETURNED


def test_a_result_is_judged_and_paid_once(nodes: list[Node]) -> None:
    job = returned(nodes[0])
    begun = coin.together(*[partial(judging.begin, job.pk)] * HANDS)
    mine = [each for each in begun if isinstance(each, Job)]
    assert len(mine) == 1, begun
    copies = [Job.objects.get(pk=job.pk) for _ in range(HANDS)]
    answers = coin.together(*(partial(judging.accept, copy, seconds=8.0) for copy in copies))
    assert answers.count(None) == 1, answers
    assert {type(answer) for answer in answers} == {type(None), TransitionRefused}
    assert Earning.objects.get().amount == 240
    assert make_pay.nodes_have() == 10**6 - 240


def test_what_is_owed_is_paid_once(nodes: list[Node]) -> None:
    job = returned(nodes[0])
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.ACCEPTED, earned=240, judged_at=timezone.now()
    )
    coin.together(*[judging.pay_due] * HANDS)
    assert make_pay.nodes_have() == 10**6 - 240
    assert Earning.objects.count() == 1
    assert Job.objects.get().paid_at is not None

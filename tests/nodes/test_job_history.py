"""What an operator sees of jobs is what happened, to the drop and in few queries."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.nodes import make_pay
from tests.nodes.make_jobs import age, offered, returned, taken, verifying, worker
from wetube.nodes import job_history, jobs, judging
from wetube.nodes.job_history import Came
from wetube.nodes.models import Job
from wetube.people.models import User

pytestmark = pytest.mark.django_db


def test_what_jobs_came_to(
    olga: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_pay.fund_nodes(10**6)
    node = worker(olga, slots=9)
    judging.accept(verifying(node, subject="a"), seconds=8.0)
    judging.accept(verifying(node, subject="b"), seconds=4.0)
    judging.refuse(verifying(node, subject="c"), "black")
    job = taken(node, subject="d")
    age(job, claimed_until=timedelta(seconds=1))
    jobs.lapse()
    still = returned(node, subject="e")
    at_work = taken(node, subject="f")
    judging.accept(verifying(worker(bob), subject="g"), seconds=8.0)
    offered("h")

    with django_assert_num_queries(1):
        assert job_history.came(olga) == Came(2, 1, 1, 12.0, 360, 0)
    assert job_history.came(olga).earned == make_pay.journaled(olga)
    assert list(job_history.under_way(olga)) == [at_work, still]
    with django_assert_num_queries(1):
        states = [each.state for each in job_history.recent(olga)[:10] if each.node]
    assert states == [
        Job.State.LOST, Job.State.REFUSED, Job.State.ACCEPTED, Job.State.ACCEPTED,
    ]  # fmt: skip
    assert job_history.waiting() == 1
    assert job_history.came(olga, since=timezone.now()) == Came()

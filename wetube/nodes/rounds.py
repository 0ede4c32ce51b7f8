"""Rounds the clock makes over the work of nodes."""

from celery import shared_task

from wetube.core.later import after_commit
from wetube.nodes import foreign_lists, jobs, judging


@shared_task
def mind_jobs() -> None:
    """Take from silent and slow nodes what they hold, and pay what waits for coin."""
    jobs.lapse()
    judging.pay_due()


@shared_task
def refresh_foreign_list(*, list_id: int) -> None:
    foreign_lists.refresh(list_id)


@shared_task
def refresh_foreign_lists() -> None:
    """Those whose time has come, and those that a worker dropped."""
    for list_id in foreign_lists.due():
        after_commit(refresh_foreign_list, list_id=list_id)

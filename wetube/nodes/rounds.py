"""Rounds the clock makes over the work of nodes."""

from celery import shared_task

from wetube.nodes import jobs, judging


@shared_task
def mind_jobs() -> None:
    """Take from silent and slow nodes what they hold, and pay what waits for coin."""
    jobs.lapse()
    judging.pay_due()

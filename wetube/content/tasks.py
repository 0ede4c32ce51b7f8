"""Work for the workers."""

from celery import shared_task

from wetube.content import network


@shared_task(autoretry_for=(network.Unreachable,), retry_backoff=True, max_retries=3)
def free_blocks() -> None:
    network.reconcile()

"""Work for the workers."""

from celery import shared_task

from wetube.content import network, parts


@shared_task(autoretry_for=(network.Unreachable,), retry_backoff=True, max_retries=3)
def free_blocks() -> None:
    network.reconcile()


@shared_task
def list_open_blocks() -> None:
    parts.list_what_is_open()

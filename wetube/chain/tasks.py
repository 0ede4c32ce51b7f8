"""What Celery calls; each task is one call."""

from celery import shared_task

from wetube.chain import events, outbox


@shared_task
def pump_outbox() -> None:
    outbox.pump()


@shared_task
def sync_events() -> None:
    events.sync()

"""What Celery calls; each task is one call."""

from celery import shared_task

from wetube.chain import events, gas, outbox


@shared_task
def pump_outbox() -> None:
    outbox.pump()


@shared_task
def sync_events() -> None:
    events.sync()


@shared_task
def share_gas_money() -> None:
    gas.share()

"""What Celery calls; each task is one call."""

from celery import shared_task

from wetube.giving import attention, spreading


@shared_task
def spread_pots() -> None:
    spreading.spread_due()


@shared_task
def forget_viewings() -> None:
    attention.forget()

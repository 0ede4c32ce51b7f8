"""What Celery calls; each task is one call."""

from celery import shared_task

from wetube.tokens import keysets, quotes


@shared_task
def rotate_keys() -> None:
    """Let this month's keys sign."""
    keysets.rotate_monthly()


@shared_task
def forget_quotes() -> None:
    """Drop quotes nobody paid."""
    quotes.forget()

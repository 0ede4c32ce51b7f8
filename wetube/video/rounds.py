"""Rounds the clock makes; they use verbs, so they stand above them."""

from celery import shared_task

from wetube.video import spreading, sweeping


@shared_task
def finish_uploads() -> None:
    """Set films on their way whose last byte came while nobody was listening."""
    sweeping.finish_uploads()


@shared_task
def forget_expired() -> None:
    sweeping.forget()


@shared_task
def spread_films() -> None:
    """Have nodes keep public films, as long as they are public."""
    spreading.spread()

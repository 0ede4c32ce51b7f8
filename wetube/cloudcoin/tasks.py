"""What Celery calls; each task is one call."""

from celery import shared_task

from wetube.cloudcoin import rollup


@shared_task
def roll_up() -> None:
    rollup.roll_up()

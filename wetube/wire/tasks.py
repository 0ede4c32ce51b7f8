"""What the wire does by the clock."""

from celery import shared_task

from wetube.wire import loose_ends


@shared_task
def tie_loose_ends() -> None:
    loose_ends.tie()

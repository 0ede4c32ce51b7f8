"""Work for the workers. The rows hold the state; a task only says: look again."""

from celery import shared_task

from wetube.core.later import after_commit
from wetube.pinning import gathering


@shared_task
def gather_pin(*, request_id: int) -> None:
    gathering.gather(request_id)


@shared_task
def gather_due_pins() -> None:
    """Take up what waits, stalled or lost its worker."""
    for request_id in gathering.due():
        after_commit(gather_pin, request_id=request_id)


@shared_task
def let_go_of_lost_pins() -> None:
    gathering.let_go_of_lost()

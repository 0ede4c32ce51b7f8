"""Work for the workers. The rows hold the state; a task only says: look again."""

from celery import shared_task

from wetube.core.later import after_commit
from wetube.nodes import debts, joining, presence, splitting


@shared_task
def call_back(*, node_id: int) -> None:
    joining.call_back(node_id)


@shared_task
def follow_nodes() -> None:
    """Notice who fell silent or is lost, and call those back who wait for it."""
    presence.follow()
    for node_id in joining.waiting():
        after_commit(call_back, node_id=node_id)


@shared_task
def split_views() -> None:
    """Pay nodes for the views they served."""
    splitting.split_due()


@shared_task
def net_debts() -> None:
    debts.net()

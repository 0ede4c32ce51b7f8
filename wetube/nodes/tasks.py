"""Work for the workers. The rows hold the state; a task only says: look again."""

from celery import shared_task

from wetube.core.later import after_commit
from wetube.nodes import (
    alarms,
    auditing,
    debts,
    forgetting,
    joining,
    leasing,
    placing,
    presence,
    splitting,
    storage_pay,
)


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
def look_at_placement(*, placement_id: int) -> None:
    """Ask for what is missing of a content, end what is too much."""
    for lease_id in placing.look(placement_id):
        after_commit(advance_lease, lease_id=lease_id)


@shared_task
def look_at_placements() -> None:
    """All of them whose turn it is: who was lost, repaired, never placed."""
    for placement_id in placing.due():
        after_commit(look_at_placement, placement_id=placement_id)


@shared_task
def advance_lease(*, lease_id: int) -> None:
    leasing.advance(lease_id)


@shared_task
def advance_leases() -> None:
    """Renew what would end; take up leases with a step to take."""
    leasing.renew()
    for lease_id in leasing.due():
        after_commit(advance_lease, lease_id=lease_id)


@shared_task
def put_audit(*, audit_id: int) -> None:
    auditing.put(audit_id)


@shared_task
def ask_for_proofs() -> None:
    """Put the questions whose time has come, and again those nobody answered."""
    for lease_id in auditing.due():
        audit = auditing.ask(lease_id)
        if audit:
            after_commit(put_audit, audit_id=audit.pk)
    for audit_id in auditing.waiting():
        after_commit(put_audit, audit_id=audit_id)


@shared_task
def pay_for_storage() -> None:
    """Pay the days that are over; forget requests, proofs and orders whose time is over."""
    storage_pay.pay()
    presence.forget_spent()
    forgetting.forget()


@shared_task
def split_views() -> None:
    """Pay nodes for the views they served."""
    splitting.split_due()


@shared_task
def net_debts() -> None:
    debts.net()


@shared_task
def notice_alarms() -> None:
    """Tell operators what they should know of their nodes."""
    alarms.notice()

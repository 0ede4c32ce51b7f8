"""What Celery calls; each task is one call, harmless to repeat, and idle without a chain."""

from celery import shared_task

from wetube.settlement import (
    claiming,
    epochs,
    following,
    idle,
    posting,
    pushing,
    reconciling,
    settling,
    sweeping,
)


@shared_task
def follow_the_chain() -> None:
    following.follow()


@shared_task
def claim_channels() -> None:
    claiming.claim()


@shared_task
def settle_claims() -> None:
    settling.settle()


@shared_task
def sweep_deposits() -> None:
    sweeping.sweep()


@shared_task
def advance_epoch() -> None:
    epochs.advance()


@shared_task
def pay_out() -> None:
    posting.pay_out()


@shared_task
def post_again() -> None:
    posting.post_again()


@shared_task
def push_payouts() -> None:
    pushing.push()


@shared_task
def refund_idle() -> None:
    idle.refund()


@shared_task
def reconcile() -> None:
    reconciling.reconcile()

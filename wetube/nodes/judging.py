"""Results of jobs: who may judge one now, and what follows: pay or refusal.

Whoever knows the kind of work judges. Nothing is paid before, and everything at most once.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from wetube.core import claims
from wetube.core.states import StatefulQuerySet, TransitionRefused
from wetube.nodes import compute_prices, earnings, standing
from wetube.nodes.models import Earning, Job
from wetube.nodes.models.jobs import JobQuerySet

logger = logging.getLogger(__name__)

MOST_TRIES = 3
State = Job.State


def due(kind: str) -> StatefulQuerySet[Job]:
    """Results of this kind that nobody judges now, but for those that are still awaited."""
    return _at_hand().filter(kind=kind).unclaimed()


def begin(job_id: int) -> Job | None:
    """Reserve a result for this worker, counting the try; None if another hand has it.

    A result that killed its judge three times is nobody's fault that could be named: it is given
    back to whoever offered it.
    """
    job = _at_hand().claim(job_id, until=claims.until())
    if job is None:
        return None
    if job.tries >= MOST_TRIES:
        _drop(job, "It could not be judged.")
        return None
    Job.objects.filter(pk=job.pk).update(tries=F("tries") + 1)
    if job.state == State.VERIFYING:
        return job
    try:
        job.move_to(State.VERIFYING)
    except TransitionRefused:
        return None
    return _at_hand().claim(job.pk, until=claims.until())


def accept(job: Job, *, seconds: float) -> None:
    """The result is what was asked for, `seconds` of output; it is paid at once if coin is there.

    Never more seconds than were offered. Raises TransitionRefused.
    """
    made = min(seconds, job.seconds)
    with transaction.atomic():
        job.move_to(
            State.ACCEPTED,
            made_seconds=made,
            earned=compute_prices.due(job.price, made),
            judged_at=timezone.now(),
        )
        standing.did_well(job.node)
    logger.info("%s is accepted: %.1f s for %s drops", job, made, job.earned)
    pay(job)


def refuse(job: Job, why: str) -> None:
    """The result is something else; nothing is paid and the node's standing falls.

    Raises TransitionRefused.
    """
    with transaction.atomic():
        job.move_to(State.REFUSED, why=why[:300], judged_at=timezone.now())
        standing.did_wrong(job.node)
    logger.info("%s is refused: %s", job, why)


def ask_to_bring(job: Job) -> None:
    """The node cannot be reached for its result: it is told to bring it, once, in a while that is
    long enough for so many bytes. Raises TransitionRefused.

    That is no try: nothing of the result has been seen.
    """
    seconds = 2 * settings.JOB_LEASE_SECONDS + job.result_size / settings.JOB_BYTES_PER_SECOND
    due = job.due if job.is_wanted else timezone.now() + timedelta(seconds=seconds)
    tries = max(0, job.tries - 1)
    job.move_to(State.RETURNED, is_wanted=True, is_here=False, due=due, tries=tries)


def postpone(job: Job) -> None:
    """This machine could not judge it now; the claim's end is the pause before the next try."""
    logger.warning("%s waits to be judged again", job)


def pay(job: Job) -> bool:
    """Move what the job earned, once; False while the nodes' account holds less."""
    if job.paid_at is not None or not job.earned or job.node is None:
        return False
    try:
        with transaction.atomic():
            earnings.earn(
                job.node,
                Earning.Kind.COMPUTATION,
                amount=job.earned,
                reference=f"job:{job.key}",
            )
            Job.objects.filter(pk=job.pk, paid_at=None).update(paid_at=timezone.now())
    except earnings.NotCovered as short:
        logger.warning("%s is paid later: %s", job, short)
        return False
    job.refresh_from_db()
    return True


def pay_due(most: int = 200) -> int:
    """Pay what could not be paid before, the oldest first; how many were paid."""
    paid = 0
    for job in Job.objects.unpaid().order_by("judged_at").select_related("node__operator")[:most]:
        if not pay(job):
            break
        paid += 1
    return paid


def _at_hand() -> JobQuerySet:
    """Returned or being judged, but for what its node was told to bring and has not."""
    awaited = Q(state=State.RETURNED, is_wanted=True, is_here=False)
    return Job.objects.to_judge().exclude(awaited)


def _drop(job: Job, why: str) -> None:
    try:
        job.move_to(State.WITHDRAWN, why=why)
    except TransitionRefused:
        logger.info("%s is in other hands", job)

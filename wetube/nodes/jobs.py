"""Jobs: work that nodes take, hold on to by signs of life, and give back. Nodes ask, we answer.

`offer` → `take` → `renew`… → `give_back`; what came back is judged in `judging`. A job that its
node gives up, lets lapse or returns wrongly is over; the work is offered again as another job, or
done here. Nobody who failed a piece of work is offered it again, under none of his nodes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from node_bridge import BadCid
from node_bridge import cid as cids
from wetube.core.states import TransitionRefused
from wetube.nodes import compute_prices, standing
from wetube.nodes.models import Job, Node
from wetube.nodes.models.jobs import JobQuerySet

MOST_LOOKED_AT = 50  # offers that one asking goes through
MISSED = 2.5  # heartbeats after which nobody counts on a node
FAILED = (Job.State.REFUSED, Job.State.LOST)
THERE = (Node.State.ACTIVE, Node.State.JOINING)  # joining: it asks, but nobody reaches it
State = Job.State


class NoWorkForYou(Exception):
    """The node may not take jobs now; the message says why."""


class NotYourJob(Exception):
    """There is no such job with this node."""


class JobIsOver(Exception):
    """The job is not this node's any more; the message says why."""


class BadResult(Exception):
    """What the node says it made cannot be the result of this job."""


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody wants done; the fields are those of Job."""

    subject: str
    needs: str
    spec: Mapping[str, object]
    source: str
    source_size: int
    rungs: tuple[str, ...]
    seconds: float
    most_bytes: int
    patience: int
    kind: str = Job.Kind.TRANSCODE


@dataclass(frozen=True, slots=True)
class Able:
    """What a node can do now: the words of `Job.needs`, and the largest source in bytes."""

    needs: tuple[str, ...] = field(default=())
    most_source: int = 0


def anybody() -> bool:
    """Whether any node with slots for work has said lately that it is there."""
    since = timezone.now() - timedelta(seconds=MISSED * settings.NODE_HEARTBEAT_SECONDS)
    return Node.objects.filter(state__in=THERE, slots__gt=0, last_seen__gt=since).exists()


def offer(work: Work) -> Job | None:
    """Offer it to whichever node asks next; None while a job of the same subject is live."""
    try:
        with transaction.atomic():
            return Job.objects.create(
                kind=work.kind,
                subject=work.subject,
                needs=work.needs,
                spec=work.spec,
                source=work.source,
                source_size=work.source_size,
                rungs=list(work.rungs),
                seconds=work.seconds,
                most_bytes=work.most_bytes,
                patience=work.patience,
            )
    except IntegrityError:
        return None


def withdraw(job: Job, why: str) -> bool:
    """Nobody needs it from nodes any more; False if it was over already."""
    while job.is_live:
        try:
            job.move_to(State.WITHDRAWN, why=why[:300])
        except TransitionRefused:
            job.refresh_from_db()
        else:
            return True
    return False


def withdraw_offer(job: Job, why: str) -> bool:
    """Take the offer back unless a node was faster; whether it is back."""
    try:
        job.move_to(State.WITHDRAWN, why=why[:300])
    except TransitionRefused:
        return False
    return True


def take(peer_id: str, able: Able) -> Job | None:
    """Give the node the oldest job that is for it; None when there is none.

    Raises NoWorkForYou, Node.DoesNotExist.
    """
    with transaction.atomic():
        node = Node.objects.select_for_update().get(peer_id=peer_id)
        _check_may_work(node)
        for job in _for(node, able)[:MOST_LOOKED_AT]:
            price = compute_prices.of(node, job.rungs)
            if price is not None and _give(job, node, price):
                return job
    return None


def renew(peer_id: str, key: str, *, fraction: float) -> Job:
    """A sign of life; afterwards, how the returned work stands. `fraction` is of the work, 0 to 1.

    Raises NotYourJob, JobIsOver. A node that did not return in time loses the job here and now.
    """
    job = _of(peer_id, key)
    if job.state == State.TAKEN:
        if job.is_late(timezone.now()):
            lose(job, _("It took too long."))
            raise _over(job)
        mine = Job.objects.filter(pk=job.pk, state=State.TAKEN)
        mine.update(
            claimed_until=timezone.now() + _lease(),
            renewals=F("renewals") + 1,
            fraction=min(max(fraction, 0.0), 1.0),
        )
        job.refresh_from_db()
    if job.state in {State.LOST, State.WITHDRAWN}:
        raise _over(job)
    return job


def give_back(peer_id: str, key: str, *, cid: str, size: int) -> Job:
    """The node has done it: the folder `cid` of `size` bytes. Saying it again changes nothing.

    Raises NotYourJob, BadResult, and JobIsOver for a job that was lost, taken back or refused
    meanwhile: then the work is done elsewhere.
    """
    job = _of(peer_id, key)
    cid = _canonical(cid)
    if job.result and job.result != cid:
        raise BadResult(_("Something else was returned before."))
    if job.state != State.TAKEN:
        if job.result and job.state in {State.RETURNED, State.VERIFYING, State.ACCEPTED}:
            return job
        raise _over(job)
    if not 0 < size <= job.most_bytes:
        raise BadResult(
            _("A result of this job has at most %(most)s bytes.") % {"most": job.most_bytes}
        )
    if job.is_late(timezone.now()):
        lose(job, _("It came too late."))
        raise _over(job)
    changes = {"result": cid, "result_size": size, "fraction": 1.0, "returned_at": timezone.now()}
    try:
        job.move_to(State.RETURNED, **changes)
    except TransitionRefused:
        return give_back(peer_id, key, cid=cid, size=size)
    return job


def give_up(peer_id: str, key: str, *, why: str) -> Job:
    """The node cannot do it, and says so at once: that costs it no standing.

    Raises NotYourJob, JobIsOver.
    """
    job = _of(peer_id, key)
    if job.state == State.LOST:
        return job
    if job.state != State.TAKEN:
        raise _over(job)
    try:
        job.move_to(State.LOST, why=_("Given up: %(why)s") % {"why": why[:200]})
    except TransitionRefused:
        job.refresh_from_db()
        raise _over(job) from None
    return job


def lose(job: Job, why: str) -> bool:
    """Take the job from a node that is silent, slow or late; False if another hand was first."""
    try:
        with transaction.atomic():
            job.move_to(State.LOST, why=why[:300])
            standing.broke_off(job.node)
    except TransitionRefused:
        job.refresh_from_db()
        return False
    return True


def lapse() -> list[Job]:
    """Take from silent and slow nodes what they hold; the jobs that were lost."""
    now = timezone.now()
    silent = Job.objects.with_nodes().unclaimed()
    slow = Job.objects.with_nodes().filter(due__lte=now)
    held_back = Job.objects.filter(
        state=State.RETURNED, due__lte=now, is_wanted=True, is_here=False
    ).unclaimed()
    lost = [job for job in silent if lose(job, _("The node fell silent."))]
    lost += [job for job in slow if lose(job, _("It took too long."))]
    lost += [job for job in held_back if lose(job, _("The result never came."))]
    return lost


def _check_may_work(node: Node) -> None:
    """A node that only asks, because nobody reaches it, may work as well as one that serves."""
    since = timezone.now() - timedelta(seconds=settings.NODE_SUSPECT_SECONDS)
    if node.state not in THERE or node.last_seen is None or node.last_seen < since:
        raise NoWorkForYou(_("Only a node that is there gets work: send heartbeats first."))
    if not standing.may_work(node):
        raise NoWorkForYou(_("This node has failed too often to get work."))
    if Job.objects.filter(node=node, state__in=Job.LIVE).count() >= node.slots:
        raise NoWorkForYou(_("All of this node's compute slots have work."))


def _for(node: Node, able: Able) -> JobQuerySet:
    failed = Job.objects.filter(node__operator=node.operator_id, state__in=FAILED)
    return (
        Job.objects.filter(state=State.OFFERED, needs__in=able.needs)
        .filter(source_size__lte=able.most_source)
        .exclude(subject__in=failed.values("subject"))
        .order_by("pk")
    )


def _give(job: Job, node: Node, price: int) -> bool:
    """Whether this node has it now: it was still on offer, and the coin for it is there."""
    if not compute_prices.is_covered(job, price):
        return False
    now = timezone.now()
    try:
        job.move_to(
            State.TAKEN,
            node=node,
            price=price,
            taken_at=now,
            due=now + timedelta(seconds=job.patience),
        )
    except TransitionRefused:
        return False
    Job.objects.filter(pk=job.pk).update(claimed_until=now + _lease())
    job.refresh_from_db()
    return True


def _of(peer_id: str, key: str) -> Job:
    job = Job.objects.select_related("node").filter(key=key, node__peer_id=peer_id).first()
    if job is None:
        raise NotYourJob(_("There is no such job of yours."))
    return job


def _over(job: Job) -> JobIsOver:
    return JobIsOver(f"{job.get_state_display()}: {job.why}" if job.why else str(job.state))


def _canonical(cid: str) -> str:
    try:
        return cids.canonical(cid)
    except BadCid as error:
        raise BadResult(_("The result is a CID.")) from error


def _lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)

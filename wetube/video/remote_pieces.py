"""Pieces that nodes of the network may encode: what is offered to them, and taken back.

A film's beginning and its sound stay with our own workers, so nobody waits for a stranger before
he can watch. From there on our workers go forward and nodes come from the end; whoever asks first
has a piece. A piece whose job is lost or refused is anybody's again at once, and after two such
jobs it is ours alone: one bad node costs a film no more than that job's patience.
"""

import fcntl
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from wetube.content import network
from wetube.content.models import Pin
from wetube.core.states import StatefulQuerySet
from wetube.nodes import jobs
from wetube.nodes.jobs import Work
from wetube.nodes.models import Job
from wetube.video import steps, workshop
from wetube.video.models import Piece, Video
from wetube.video.transcoding import shape, sharing, spec
from wetube.video.transcoding.errors import BadMedia, TranscodingError
from wetube.video.transcoding.plan import Plan

logger = logging.getLogger(__name__)

MOST_LOST = 2  # jobs of one piece that nodes may fail
MOST_FILMS = 20  # that are offered in one round
UNSHAREABLE = "unshareable"  # a file that says why nodes get nothing of a film
LEAST_PATIENCE = 60  # seconds a node has for any piece, however short
WITH_NODES = (Job.State.TAKEN, Job.State.RETURNED, Job.State.VERIFYING)
OFFER_WAITS = timedelta(minutes=2)  # where no worker of ours encodes, until one does after all


def ours(pieces: StatefulQuerySet[Piece]) -> StatefulQuerySet[Piece]:
    """Those that a worker of ours may take now: not with a node.

    Without media workers, what nodes might take is left to them for a while first.
    """
    free = pieces.exclude(job__state__in=WITH_NODES)
    if settings.MEDIA_WORKERS or not jobs.anybody():
        return free
    return free.exclude(pk__in=_left_to_nodes().values("pk"))


def _left_to_nodes() -> StatefulQuerySet[Piece]:
    """Pictures of films in several pieces, not on offer yet or not for long; sound has turn 1."""
    since = timezone.now() - OFFER_WAITS
    new = Q(job=None, state_since__gt=since)
    fresh = Q(job__state=Job.State.OFFERED, job__created__gt=since)
    pictures = Piece.objects.filter(video__in=_open_films(), video__pieces__number=1)
    return pictures.exclude(turn=1).filter(new | fresh)


def keep(piece: Piece) -> bool:
    """Our worker has claimed it: no node shall have it; False if one was faster."""
    if piece.job is None or not piece.job.is_live:
        return True
    return jobs.withdraw_offer(piece.job, "A worker here was first.")


def offer() -> int:
    """Offer what nodes may encode, if there are any that ask for work; how many pieces."""
    if not jobs.anybody():
        return 0
    films = Video.objects.filter(state=Video.State.PLANNED, pieces__in=_offerable()).distinct()
    return sum(_offer_film(video) for video in films.order_by("state_since")[:MOST_FILMS])


def offer_at_once() -> None:
    """Where no worker of ours encodes, nodes come first; elsewhere offers wait for the round."""
    if not settings.MEDIA_WORKERS:
        offer()


def clear() -> None:
    """Withdraw jobs that no piece waits for."""
    wanted = Piece.objects.filter(
        state=Piece.State.WAITING, video__in=_open_films(), job__isnull=False
    )
    stray = Job.objects.live().filter(kind=Job.Kind.TRANSCODE)
    for job in stray.exclude(pk__in=wanted.values("job")):
        jobs.withdraw(job, "Nobody needs it any more.")


def let_go_of_sources() -> None:
    """What a film's end or its owner left: sources that no node will ask for."""
    wanted = {video.source_holder for video in _open_films()}
    found = Pin.objects.filter(holder__startswith="source:").values_list("holder", flat=True)
    for holder in set(found) - wanted:
        network.let_go(holder)


def follow() -> set[int]:
    """Show on our rows how far nodes are; the films that moved."""
    moved = set()
    for piece in Piece.objects.filter(job__state=Job.State.TAKEN).select_related("job"):
        fraction = piece.job.fraction if piece.job else 0.0
        if abs(fraction - piece.fraction) >= 0.01:
            still = Piece.objects.filter(pk=piece.pk, state=Piece.State.WAITING)
            still.update(fraction=fraction)
            moved.add(piece.video_id)
    return moved


def _open_films() -> StatefulQuerySet[Video]:
    """Being encoded, and to be open to everybody: nothing else is shown to strangers."""
    everybody = Video.objects.filter(visibility=Video.Visibility.PUBLIC, price=0)
    return everybody.filter(state=Video.State.PLANNED)


def _offerable() -> StatefulQuerySet[Piece]:
    """Waiting, in nobody's hands and on no offer; the beginning too where nobody else is."""
    waiting = Piece.objects.filter(state=Piece.State.WAITING, video__in=_open_films())
    first = 1 if settings.MEDIA_WORKERS else 0
    free = waiting.unclaimed().filter(number__gte=first, video__source_size__gt=0)
    free = free.filter(video__source_size__lte=settings.MOST_JOB_SOURCE_BYTES)
    return free.exclude(job__state__in=Job.LIVE)


def _offer_film(video: Video) -> int:
    """The last pieces first: nodes take jobs in the order in which they were made."""
    plan = steps.plan_of(video)
    pictures = [piece.index for piece in plan.pieces if piece.kind == "picture"]
    free = _offerable().filter(video=video, number__in=pictures).order_by("-number")
    pieces = [piece for piece in free if not _has_failed_nodes(video, piece)]
    if not pieces or not plan.encoded:
        return 0
    source = _source(video, plan)
    return sum(_offer(video, plan, piece, source) for piece in pieces) if source else 0


def _offer(video: Video, plan: Plan, piece: Piece, source: tuple[str, int]) -> bool:
    cid, size = source
    planned = plan.pieces[piece.number]
    work = Work(
        subject=_subject(video, piece),
        needs=spec.skill(),
        spec=spec.of(sharing.plan_for(plan, size), planned),
        source=cid,
        source_size=size,
        rungs=tuple(rung.name for rung in plan.encoded),
        seconds=plan.length(planned),
        most_bytes=shape.most_bytes(plan, planned),
        patience=patience(plan.length(planned), size),
    )
    with transaction.atomic():
        job = jobs.offer(work)
        if job is None:
            return False
        waiting = Piece.objects.filter(pk=piece.pk, state=Piece.State.WAITING).unclaimed()
        if not waiting.update(job=job):
            jobs.withdraw(job, "A worker here was first.")
            return False
    return True


def patience(seconds: float, source_size: int) -> int:
    """Seconds a node may take for a piece of this length, with fetching its source."""
    fetching = source_size / settings.JOB_BYTES_PER_SECOND
    return round(LEAST_PATIENCE + seconds * settings.JOB_SLOWNESS + fetching)


def _has_failed_nodes(video: Video, piece: Piece) -> bool:
    failed = Job.objects.filter(subject=_subject(video, piece), state__in=jobs.FAILED)
    return failed.count() >= MOST_LOST


def _subject(video: Video, piece: Piece) -> str:
    return f"piece:{video.key}:{piece.number}"


def _source(video: Video, plan: Plan) -> tuple[str, int] | None:
    """CID and bytes of what nodes get of the source, stored at the first asking; None for now."""
    pin = Pin.objects.filter(holder=video.source_holder).select_related("content").first()
    if pin is not None:
        return pin.content.cid, pin.content.size
    bench = workshop.bench(video.key)
    with _alone(bench) as mine:
        if not mine or (bench / UNSHAREABLE).exists():
            return None
        try:
            return _stored(video, plan)
        except (sharing.Unshareable, BadMedia) as error:
            (bench / UNSHAREABLE).write_text(str(error))
            logger.info("Nodes get nothing of %s: %s", video.key, error)
        except (network.Full, network.Unreachable, TranscodingError, OSError) as error:
            logger.warning("Nodes get nothing of %s for now: %s", video.key, error)
    return None


def _stored(video: Video, plan: Plan) -> tuple[str, int]:
    bench = workshop.bench(video.key)
    try:
        made = sharing.share(workshop.source(video.key), plan, bench)
        cid, size = network.store_file(made), made.stat().st_size
        network.keep(cid, size=size, holder=video.source_holder)
    finally:
        shutil.rmtree(bench / sharing.FOLDER, ignore_errors=True)
    return cid, size


@contextmanager
def _alone(work: Path) -> Iterator[bool]:
    """Whether this worker is the one that stores the source."""
    with (work / "source.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True

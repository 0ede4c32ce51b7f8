"""Takes up what nodes encoded: brought here, judged, and then a piece like any other, and paid."""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from wetube.content import network
from wetube.core import claims
from wetube.core.states import TransitionRefused
from wetube.nodes import jobs, judging, results
from wetube.nodes.models import Job
from wetube.video import pipeline, preview, progress, steps, workshop
from wetube.video.models import Piece, Video
from wetube.video.transcoding import encode, inspecting
from wetube.video.transcoding.encode import Encoded
from wetube.video.transcoding.errors import BadMedia, Cancelled, TranscodingError
from wetube.video.transcoding.inspecting import Case
from wetube.video.transcoding.plan import Piece as Planned
from wetube.video.transcoding.plan import Plan
from wetube.video.transcoding.shape import NotOurs

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """A job's result on its way to becoming a piece; `folder` is ours to write in."""

    job: Job
    piece: Piece
    video: Video
    plan: Plan
    folder: Path

    @property
    def planned(self) -> Planned:
        return self.plan.pieces[self.piece.number]

    @property
    def files(self) -> Path:
        return self.folder / "files"


def is_waiting() -> bool:
    return judging.due(Job.Kind.TRANSCODE).exists()


def judge_next() -> int | None:
    """Judge one result that waits; its film's id, or None when none does."""
    for job_id in (
        judging.due(Job.Kind.TRANSCODE)
        .order_by("returned_at", "pk")
        .values_list("pk", flat=True)[:20]
    ):
        job = judging.begin(job_id)
        if job is not None:
            return _judge(job)
    return None


def _judge(job: Job) -> int | None:
    piece = Piece.objects.filter(job=job).select_related("video__channel").first()
    if piece is None:
        jobs.withdraw(job, "Nobody needs it any more.")
        return None
    video = piece.video
    if piece.state != Piece.State.WAITING or video.state != Video.State.PLANNED:
        jobs.withdraw(job, "Nobody needs it any more.")
        return video.pk
    folder = workshop.bench(video.key) / f"job-{job.key}"
    result = Result(job, piece, video, steps.plan_of(video), folder)
    try:
        with claims.holding(job) as hold:
            _settle(result, hold)
    except (Cancelled, TransitionRefused):
        logger.info("%s is in other hands", job)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _forget_if_over(job)
    progress.tell(video)
    return video.pk


def _settle(result: Result, hold: claims.Hold) -> None:
    """Accept, refuse or wait. Raises Cancelled, TransitionRefused where we were not the one."""
    job = result.job
    try:
        result.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        results.bring(job, result.files)
        seconds = _inspected(result, hold)
    except results.ResultAway as error:
        logger.info("%s cannot be fetched: %s", job, error)
        judging.ask_to_bring(job)
    except (results.WrongResult, NotOurs) as error:
        judging.refuse(job, str(error))
    except BadMedia as error:
        pipeline.fail(result.video, str(error))
        jobs.withdraw(job, "The source cannot be decoded.")
    except Cancelled:
        raise
    except (network.Unreachable, TranscodingError, OSError) as error:
        _later(result, error)
    else:
        _adopt(result, seconds)


def _later(result: Result, error: Exception) -> None:
    """This machine failed, not the node: the claim's end is the pause before the next try."""
    if steps.is_disk_full(error):
        logger.error("The disk is full: %s waits", result.job)
    logger.warning("%s could not be judged: %s", result.job, error)


def _inspected(result: Result, hold: claims.Hold) -> float:
    source = workshop.source(result.video.key)
    if not source.exists():
        raise BadMedia("The uploaded file is gone. Upload it again.")
    work = result.folder / "judging"
    case = Case(source, result.plan, result.planned, result.files, work, hold.is_lost)
    return inspecting.inspect(case)


def _adopt(result: Result, seconds: float) -> None:
    """Put the files where our own would lie; the piece's row and the node's pay move together."""
    bench = workshop.bench(result.video.key)
    target = bench / result.planned.folder
    encode.finish(result.files, Encoded(seconds))
    shutil.rmtree(target, ignore_errors=True)
    result.files.rename(target)
    with transaction.atomic():
        result.piece.move_to(Piece.State.ENCODED, fraction=1.0)
        judging.accept(result.job, seconds=seconds)
    try:
        preview.Preview(result.video, result.plan, bench).grow()
    except (network.Unreachable, network.Full) as error:
        logger.warning("The preview of %s grows later: %s", result.video.key, error)


def _forget_if_over(job: Job) -> None:
    job.refresh_from_db()
    if not job.is_live:
        results.forget(job)

"""Encoding pieces: any worker takes the next one that waits, of any film.

What nodes of the network encoded is judged first, for it is as good as done.
"""

import logging
import time
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.models import F

from wetube.content import network
from wetube.core import claims
from wetube.core.states import StatefulQuerySet, TransitionRefused
from wetube.video import (
    pipeline,
    preview,
    progress,
    remote_pieces,
    remote_results,
    steps,
    workshop,
)
from wetube.video.models import Piece, Video
from wetube.video.sentences import DISK_FULL, GAVE_UP
from wetube.video.transcoding import copy, encode, opening
from wetube.video.transcoding.errors import BadMedia, Cancelled, FfmpegFailed, TranscodingError
from wetube.video.transcoding.plan import Plan
from wetube.video.transcoding.runs import Progress

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
TELL_EVERY = 1.0  # seconds


def is_waiting() -> bool:
    return remote_results.is_waiting() or _due().exists()


def encode_next() -> int | None:
    """Judge one result of a node, or encode one waiting piece; its film's id, or None when
    nothing waits.

    Every film's beginning and its sound have the first turns, so that it is watchable soon.
    """
    judged = remote_results.judge_next()
    if judged is not None:
        return judged
    for piece_id in _due().order_by("turn", "pk").values_list("pk", flat=True)[:20]:
        piece = Piece.objects.filter(state=Piece.State.WAITING).claim(
            piece_id, until=claims.until()
        )
        if piece is None:
            continue
        if not remote_pieces.keep(piece):
            piece.release()
            continue
        _work_on(piece)
        return piece.video_id
    return None


def _due() -> StatefulQuerySet[Piece]:
    waiting = Piece.objects.filter(state=Piece.State.WAITING, video__state=Video.State.PLANNED)
    return remote_pieces.ours(waiting.unclaimed())


def _work_on(piece: Piece) -> None:
    video = Video.objects.select_related("channel").get(pk=piece.video_id)
    if piece.attempts >= MOST_ATTEMPTS:
        return pipeline.fail(video, GAVE_UP.format(attempts=piece.attempts))
    Piece.objects.filter(pk=piece.pk).update(attempts=F("attempts") + 1)
    with claims.holding(piece) as hold:
        try:
            _encode(piece, video, hold)
            piece.move_to(Piece.State.ENCODED, fraction=1.0)
        except BadMedia as error:
            pipeline.fail(video, str(error))
        except (Cancelled, TransitionRefused):
            logger.info("%s is in other hands", piece)
        except (network.Unreachable, network.Full, TranscodingError, OSError) as error:
            _later(piece, video, error)
    return progress.tell(video)


def _later(piece: Piece, video: Video, error: Exception) -> None:
    if steps.is_disk_full(error):
        return pipeline.fail(video, DISK_FULL)
    logger.warning("%s waits to be tried again: %s", piece, error)
    return piece.release()


def _encode(piece: Piece, video: Video, hold: claims.Hold) -> None:
    plan = steps.plan_of(video)
    work, source = workshop.bench(video.key), workshop.source(video.key)
    if not source.exists():
        raise BadMedia("The uploaded file is gone. Upload it again.")
    shown = preview.Preview(video, plan, work)
    if piece.number == 0:
        _begin(video, plan, shown, hold)
    encode.encode(
        source,
        plan,
        plan.pieces[piece.number],
        work,
        on_progress=_teller(piece, video, shown),
        cancelled=hold.is_lost,
    )
    shown.grow()


def _begin(video: Video, plan: Plan, shown: "preview.Preview", hold: claims.Hold) -> None:
    """What needs no long work: the first seconds, and a copy where the source fits.

    Raises Cancelled when the copy fails and the film was planned anew without it.
    """
    work, source = workshop.bench(video.key), workshop.source(video.key)
    if opening.worthwhile(plan):
        opening.opening(source, plan, work, cancelled=hold.is_lost)
        shown.grow()
    try:
        copy.copy(source, plan, work, cancelled=hold.is_lost)
    except FfmpegFailed as error:
        logger.warning("Video %s cannot be copied: %s", video.key, error)
        steps.plan_without_copy(video)
        raise Cancelled("The work was planned anew.") from error


def _teller(piece: Piece, video: Video, shown: "preview.Preview") -> Callable[[Progress], None]:
    """Keeps the row, the preview and the owner's page up with the encoder, once a second.

    That is news only: a database that is away for a moment does not end the encoding.
    """
    told = 0.0

    def on_progress(now: Progress) -> None:
        nonlocal told
        if time.monotonic() - told < TELL_EVERY:
            return
        told = time.monotonic()
        try:
            Piece.objects.filter(pk=piece.pk).update(fraction=now.fraction, speed=now.speed)
            shown.grow()
            progress.tell(video)
        except DatabaseError as error:
            logger.warning("%s is encoded without telling how far it is: %s", piece, error)
            connection.close_if_unusable_or_obsolete()

    return on_progress

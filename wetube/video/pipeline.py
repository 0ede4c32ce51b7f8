"""The way of a film from its last uploaded byte to the channel page, step by step.

UPLOADED –plan→ PLANNED –(all pieces encoded)→ ENCODED –package→ PACKAGED –store→
STORED –publish→ PUBLISHED. Every step may run twice and may die at any point;
the row says which one is due. What cannot succeed ends FAILED with a sentence.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from wetube.content import network
from wetube.core import claims
from wetube.core.states import TransitionRefused
from wetube.video import progress, search, steps
from wetube.video.models import Piece, Video
from wetube.video.sentences import DISK_FULL, GAVE_UP
from wetube.video.transcoding.errors import BadMedia, Cancelled, TranscodingError

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class Step:
    """The work due in one state.

    `work` gives the columns that change with the move; `along` changes other rows in the
    same transaction.
    """

    work: Callable[[Video, claims.Hold], Mapping[str, object]]
    then: str
    along: Callable[[Video], None] | None = None


STEPS: Mapping[str, Step] = {
    Video.State.UPLOADED: Step(steps.plan, then=Video.State.PLANNED),
    Video.State.PLANNED: Step(steps.gather, then=Video.State.ENCODED),
    Video.State.ENCODED: Step(steps.package, then=Video.State.PACKAGED),
    Video.State.PACKAGED: Step(steps.store, then=Video.State.STORED),
    Video.State.STORED: Step(steps.publish, then=Video.State.PUBLISHED, along=search.index),
}


def advance(video_id: int) -> bool:
    """Take the film one step further; True if there is another step to take at once."""
    due = Video.objects.filter(state__in=STEPS)
    video = due.claim(video_id, until=claims.until())
    if video is None or not _may_try(video):
        return False
    with claims.holding(video) as hold:
        try:
            moved = _take(video, hold)
        except Exception:
            # An unknown error is loud; the claim is kept, so the next try is a minute away.
            logger.exception("Video %s could not leave %s", video.key, video.state)
            raise
    progress.tell(video)
    return moved and video.state in STEPS


def fail(video: Video, sentence: str) -> None:
    """End the film's way for a reason its owner can read."""
    try:
        video.move_to(Video.State.FAILED, failure=sentence[:300], has_preview=False)
    except TransitionRefused:
        return
    network.forget_name(video.preview_name)
    network.let_go(video.source_holder)
    logger.info("Video %s failed: %s", video.key, sentence)
    progress.tell(video)


def stalled() -> list[int]:
    """Films with a step due and no worker on it."""
    due = Video.objects.filter(state__in=STEPS).unclaimed()
    waiting = Piece.objects.filter(state=Piece.State.WAITING).values("video")
    return list(due.exclude(state=Video.State.PLANNED, pk__in=waiting).values_list("pk", flat=True))


def waiting_pieces(video_id: int) -> int:
    """How many pieces of the film any worker may take now."""
    return (
        Piece.objects.filter(video=video_id, video__state=Video.State.PLANNED)
        .filter(state=Piece.State.WAITING)
        .count()
    )


def _take(video: Video, hold: claims.Hold) -> bool:
    """Do the step that is due and move on; expected failures are dealt with here."""
    step = STEPS[video.state]
    try:
        changes = step.work(video, hold)
        with transaction.atomic():
            video.move_to(step.then, **{"attempts": 0, **changes})
            if step.along:
                step.along(video)
    except steps.NotYet:
        Video.objects.filter(pk=video.pk).update(attempts=0)
        video.release()
        return False
    except (BadMedia, network.Full) as error:
        fail(video, str(error))
        return False
    except (Cancelled, TransitionRefused):
        logger.info("Video %s is in other hands", video.key)
        return False
    except (network.Unreachable, TranscodingError, OSError) as error:
        return _later(video, error)
    logger.info("Video %s is %s", video.key, video.state)
    return True


def _later(video: Video, error: Exception) -> bool:
    """Trying again may help: the claim's end is the pause before it."""
    if steps.is_disk_full(error):
        fail(video, DISK_FULL)
    else:
        logger.warning("Video %s waits in %s: %s", video.key, video.state, error)
    return False


def _may_try(video: Video) -> bool:
    """Count the attempt before it begins, so that one that kills its worker counts too."""
    if video.attempts >= MOST_ATTEMPTS:
        fail(video, GAVE_UP.format(attempts=video.attempts))
        return False
    Video.objects.filter(pk=video.pk).update(attempts=F("attempts") + 1)
    return True

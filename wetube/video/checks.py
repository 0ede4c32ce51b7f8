"""Is the film works all right? For the operator's health page."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wetube.core.health import Finding, Verdict
from wetube.video import remote_pieces
from wetube.video.models import Piece, Video
from wetube.video.transcoding import binaries, sandbox
from wetube.video.transcoding.errors import TranscodingError

TOO_LONG = timedelta(minutes=15)


def ffmpeg() -> Finding:
    try:
        found = binaries.find()
    except TranscodingError as error:
        return Finding(Verdict.BAD, str(error))
    return Finding(Verdict.GOOD, f"ffmpeg {found.version}")


def confinement() -> Finding:
    """How far ffmpeg is kept from everything else while it reads strangers' files."""
    level = sandbox.level()
    if level == "bubblewrap":
        return Finding(Verdict.GOOD, level)
    says = _("%(level)s: install bubblewrap to confine ffmpeg better.") % {"level": level}
    return Finding(Verdict.WEAK if level == "namespaces" else Verdict.BAD, says)


def work() -> Finding:
    """Nothing waits for long without a worker."""
    since = timezone.now() - TOO_LONG
    waiting = Piece.objects.filter(
        state=Piece.State.WAITING, video__state=Video.State.PLANNED, video__state_since__lt=since
    )
    count = remote_pieces.ours(waiting.unclaimed()).values("video").distinct().count()
    if count:
        says = ngettext(
            "%(count)d video waits for a worker for over a quarter of an hour.",
            "%(count)d videos wait for a worker for over a quarter of an hour.",
            count,
        )
        return Finding(Verdict.WEAK, says % {"count": count})
    workers = settings.MEDIA_WORKERS
    return Finding(Verdict.GOOD, _("Nothing waits. Media workers: %(n)d") % {"n": workers})

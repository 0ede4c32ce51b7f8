"""The janitor's rounds: uploads whose end nobody heard, and numbers nobody needs."""

from wetube.video import uploads, viewings, workshop
from wetube.video.models import Video


def finish_uploads() -> None:
    """Every byte is on disk, but the gateway or the site died before the row said so."""
    for video in Video.objects.filter(state=Video.State.UPLOADING, source_size__gt=0):
        source = workshop.source(video.key)
        if source.exists() and source.stat().st_size == video.source_size:
            uploads.finish(video.key, size=video.source_size)


def forget() -> None:
    """Uploads nobody went on with, viewings nobody can count again."""
    uploads.expire()
    viewings.forget_spent()

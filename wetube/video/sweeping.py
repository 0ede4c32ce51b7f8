"""The janitor's rounds: uploads whose end nobody heard, and numbers nobody needs."""

from datetime import timedelta

from django.utils import timezone

from wetube.content import network
from wetube.video import uploads, viewings, workshop
from wetube.video.models import Video

PREVIEWS_LAST = timedelta(hours=12)


def finish_uploads() -> None:
    """Every byte is on disk, but the gateway or the site died before the row said so."""
    for video in Video.objects.filter(state=Video.State.UPLOADING, source_size__gt=0):
        source = workshop.source(video.key)
        if source.exists() and source.stat().st_size == video.source_size:
            uploads.finish(video.key, size=video.source_size)


def forget() -> None:
    """Uploads nobody went on with, viewings nobody can count again, previews nobody watches."""
    uploads.expire()
    viewings.forget_spent()
    since = timezone.now() - PREVIEWS_LAST
    recently = Video.objects.published().filter(state_since__gt=since - PREVIEWS_LAST)
    for video in recently.filter(state_since__lt=since):
        network.forget_name(video.preview_name)

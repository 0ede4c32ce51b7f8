"""The janitor's rounds: uploads whose end nobody heard, and numbers nobody needs."""

from datetime import timedelta

from django.utils import timezone

from wetube.content import network
from wetube.video import remote_pieces, uploads, viewings, workshop
from wetube.video.models import Video

PREVIEWS_LAST = timedelta(hours=12)


def finish_uploads() -> None:
    """Every byte is on disk, but the gateway or the site died before the row said so."""
    for video in Video.objects.filter(state=Video.State.UPLOADING, source_size__gt=0):
        if workshop.is_whole(video.key, video.source_size):
            uploads.finish(video.key, size=video.source_size)


def forget() -> None:
    """Uploads nobody went on with, viewings nobody can count again, previews nobody watches."""
    uploads.expire()
    viewings.forget_spent()
    remote_pieces.let_go_of_sources()
    _forget_previews()
    _clear_the_workshop()


def _forget_previews() -> None:
    since = timezone.now() - PREVIEWS_LAST
    recently = Video.objects.published().filter(state_since__gt=since - PREVIEWS_LAST)
    for video in recently.filter(state_since__lt=since):
        network.forget_name(video.preview_name)


def _clear_the_workshop() -> None:
    """What a worker made after its film was deleted, or what a crash left of a finished one."""
    found = workshop.keys()
    wanted = Video.objects.filter(key__in=found).exclude(state=Video.State.PUBLISHED)
    for key in found - set(wanted.values_list("key", flat=True)):
        workshop.clear(key)

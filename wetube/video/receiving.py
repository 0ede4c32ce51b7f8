"""What is done when the gateway has the last byte of an upload on disk."""

from django.conf import settings

from wetube.video import uploads
from wetube.video.models import Video


class Cancelled(Exception):
    """The owner cancelled the upload while its last bytes were on their way."""


def receive(key: str, *, size: int, filename: str) -> str:
    """Set the film on its way and say where to look at it. Safe to repeat.

    Raises Cancelled when nobody waits for these bytes: then they may be thrown away.
    """
    video = uploads.finish(key, size=size, name=filename)
    if video is None:
        raise Cancelled("This upload was cancelled.")
    if video.state == Video.State.PUBLISHED:
        raise Cancelled("This video is published already.")
    return f"{settings.SITE_URL}{video.get_absolute_url()}"

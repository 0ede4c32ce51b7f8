"""What is done when the gateway has the last byte of an upload on disk."""

from django.conf import settings

from wetube.video import uploads


class Cancelled(Exception):
    """The owner cancelled the upload while its last bytes were on their way."""


def receive(key: str, *, size: int, filename: str) -> str:
    """Set the film on its way and say where to look at it. Safe to repeat; raises Cancelled."""
    video = uploads.finish(key, size=size, name=filename)
    if video is None:
        raise Cancelled("This upload was cancelled.")
    return f"{settings.SITE_URL}{video.get_absolute_url()}"

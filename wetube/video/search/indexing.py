"""Keeping the index true: called by the verbs that change a film, in their transaction."""

from wetube.video.models import Video
from wetube.video.search.backends import backend
from wetube.video.search.words import words


def index(video: Video) -> None:
    """Put a film's words in the index, or take them out if it is not for everybody to find."""
    shown = video.state == Video.State.PUBLISHED and video.visibility in {
        Video.Visibility.PUBLIC,
        Video.Visibility.INTERNAL,
    }
    if not shown:
        return forget(video)
    channel = video.channel
    body = f"{' '.join(video.tags)} {channel.name} {channel.handle} {video.description}"
    return backend().put(video.pk, words(video.title), words(body))


def forget(video: Video) -> None:
    backend().drop(video.pk)

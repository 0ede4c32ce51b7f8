"""Rows for tests; each says only what its test cares about."""

from typing import Any

from django.utils import timezone

from tests.people.make_people import make_channel as channel
from tests.people.make_people import make_user as user
from wetube.content import network
from wetube.people.models import Channel
from wetube.video import publishing, search
from wetube.video.models import Video

__all__ = ["channel", "published", "user", "video"]

FILES = {
    "master.m3u8": b"#EXTM3U\n",
    "progressive.mp4": b"progressive",
    "storyboard.vtt": b"WEBVTT\n",
    "poster.jpg": b"jpeg",
}


def video(owner: Channel, **fields: Any) -> Video:
    """A film that has just been announced, unless the fields say more."""
    return Video.objects.create(channel=owner, **{"title": "Storm at sea", **fields})


def published(owner: Channel, **fields: Any) -> Video:
    """A film with a small folder in this test's node, kept, open and found as it should be."""
    made = video(
        owner,
        **{
            "state": Video.State.PUBLISHED,
            "published_at": timezone.now(),
            "duration": 60.0,
            **fields,
        },
    )
    files = {
        name: {"cid": network.store_bytes([data]), "size": len(data)}
        for name, data in FILES.items()
    }
    publishing.renew(made, files)
    search.index(made)
    return made

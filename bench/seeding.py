"""A site that has been used for a while: channels and published films, rows only, no bytes."""

import hashlib
from base64 import b32encode
from datetime import timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from wetube.people.models import Channel, User
from wetube.video import search
from wetube.video.models import Rendition, Video

CHANNELS = 200
# fmt: off
WORDS = (
    "storm", "sea", "garden", "night", "river", "bread", "winter", "city", "mountain", "train",
    "violin", "letter", "harbour", "bird", "glass", "lantern", "island", "coffee", "bicycle",
    "forest", "market", "bridge", "window", "thunder", "kitchen", "meadow",
)
# fmt: on
RUNGS = (("v1080", 1080, 4_800_000), ("v720", 720, 2_600_000), ("v360", 360, 700_000))
FILES = ("master.m3u8", "progressive.mp4", "storyboard.vtt", "storyboard.jpg", "poster.jpg")
DESCRIPTION = "0:00 Beginning\n1:30 Middle\n4:00 End\n\nMade with {words}. https://example.org/"


@transaction.atomic
def seed(videos: int) -> None:
    """So many published films on 200 channels, in the search index as a publishing puts them."""
    chance = Random(videos)
    people = User.objects.bulk_create(User() for _ in range(CHANNELS))
    channels = Channel.objects.bulk_create(
        Channel(owner=person, handle=f"channel-{person.key.lower()}", name=_title(chance, 2))
        for person in people
    )
    films = Video.objects.bulk_create(
        _film(chance, channels[number % CHANNELS], number) for number in range(videos)
    )
    Rendition.objects.bulk_create(
        Rendition(video=film, name=name, height=height, bandwidth=rate, size=rate * 40)
        for film in films
        for name, height, rate in RUNGS
    )
    for film in films:
        search.index(film)


def _film(chance: Random, channel: Channel, number: int) -> Video:
    title = _title(chance, 4)
    return Video(
        channel=channel,
        state=Video.State.PUBLISHED,
        title=title,
        description=DESCRIPTION.format(words=_title(chance, 40)),
        tags=[_title(chance, 1) for _ in range(3)],
        category=chance.choice(Video.Category.values),
        published_at=timezone.now() - timedelta(minutes=10 * number),
        duration=chance.uniform(20, 4000),
        views=int(chance.paretovariate(0.7)),
        files={name: {"cid": _cid(f"{title}{name}"), "size": 1000} for name in FILES},
        cid=_cid(f"{title}{number}"),
        poster_cid=_cid(f"{title}{number} poster"),
        size=50_000_000,
        width=1920,
        height=1080,
    )


def _title(chance: Random, words: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(words)).capitalize()


def _cid(of: str) -> str:
    """The CIDv1 of a folder with this SHA-256, as the real ones look."""
    digest = b"\x01\x70\x12\x20" + hashlib.sha256(of.encode()).digest()
    return "b" + b32encode(digest).decode().lower().rstrip("=")

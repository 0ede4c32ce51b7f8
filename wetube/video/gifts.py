"""Films as those who give see them: what a tip was given on, and what a pot's owner watched."""

from django.contrib.auth.models import AnonymousUser

from wetube.cloudcoin.models import Charge
from wetube.giving import attention
from wetube.giving.occasions import Occasion
from wetube.people.models import User
from wetube.video.models import Video


def occasion(user: User, key: str) -> Occasion | None:
    """The film a tip is given on, if this person may know of it."""
    video = Video.objects.reachable_by(user).filter(key=key).first()
    return Occasion(video.holder, video.title, video.get_absolute_url()) if video else None


def slip(video: Video, user: User | AnonymousUser, *, charge: Charge | None) -> str:
    """What the player reports seconds with; "" where nobody counts them.

    A film that was paid singly is left out: a pot is for what else was watched, and nobody pays
    twice for the same viewing.
    """
    if charge is not None:
        return ""
    return attention.slip(user, video.channel, seconds=video.duration)

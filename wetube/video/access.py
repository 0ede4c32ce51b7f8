"""Who may watch a film now, and what still stands between a viewer and it."""

from collections.abc import Collection
from enum import Enum

from django.contrib.auth.models import AnonymousUser

from wetube.cloudcoin import charges
from wetube.cloudcoin.models import Charge
from wetube.people.models import User
from wetube.video.models import Video


class Gate(Enum):
    """What the viewer meets at the film's door."""

    OPEN = "open"
    PASSWORD = "password"  # noqa: S105 - the name of a gate, not a secret
    PRICE = "price"


def gate(video: Video, user: User | AnonymousUser, opened: Collection[str]) -> Gate:
    """The gate this viewer stands at; `opened` are keys whose password was given before.

    Expects a film from `reachable_by(user)`.
    """
    if owns(video, user):
        return Gate.OPEN
    if video.visibility == Video.Visibility.PASSWORD and video.key not in opened:
        return Gate.PASSWORD
    if video.price and ticket(video, user) is None:
        return Gate.PRICE
    return Gate.OPEN


def owns(video: Video, user: User | AnonymousUser) -> bool:
    return user.is_authenticated and video.channel.owner_id == user.pk


def ticket(video: Video, user: User | AnonymousUser) -> Charge | None:
    """The viewer's paid charge that still holds, if any."""
    if not user.is_authenticated:
        return None
    return charges.paid(user=user, subject=video.holder)

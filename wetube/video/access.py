"""Who may watch a film now, and what still stands between a viewer and it."""

from collections.abc import Collection
from enum import Enum

from django.contrib.auth.models import AnonymousUser

from wetube.cloudcoin import charges
from wetube.cloudcoin.models import Charge
from wetube.nodes import refusing
from wetube.people.models import User
from wetube.video import tickets
from wetube.video.models import Video


class Gate(Enum):
    """What the viewer meets at the film's door."""

    OPEN = "open"
    PASSWORD = "password"  # noqa: S105 - the name of a gate, not a secret
    PRICE = "price"
    DECLINED = "declined"


def gate(
    video: Video, user: User | AnonymousUser, opened: Collection[str], ticket: str = ""
) -> Gate:
    """The gate this viewer stands at.

    `opened` are keys whose password was given before, `ticket` is what a wallet got for paying.
    Expects a film from `reachable_by(user)`.
    """
    if refusing.of(video.cid):
        return Gate.DECLINED
    if owns(video, user):
        return Gate.OPEN
    if video.visibility == Video.Visibility.PASSWORD and video.key not in opened:
        return Gate.PASSWORD
    if video.price and paid(video, user, ticket) is None:
        return Gate.PRICE
    return Gate.OPEN


def owns(video: Video, user: User | AnonymousUser) -> bool:
    return user.is_authenticated and video.channel.owner_id == user.pk


def paid(video: Video, user: User | AnonymousUser, ticket: str = "") -> Charge | None:
    """The paid charge that still holds, of the viewer's own or behind the ticket shown, if any."""
    own = charges.paid(user=user, subject=video.holder) if user.is_authenticated else None
    return own or (tickets.charge(ticket, video) if ticket else None)

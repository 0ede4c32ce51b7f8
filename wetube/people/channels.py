"""Channels: created, edited, deleted, followed."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from wetube.people import names, pictures
from wetube.people.models import Channel, Follow, Picture, User

MOST = 50  # channels of one person
_before_deleting: list[Callable[[Channel], None]] = []


class HandleTaken(names.NameRefused):
    """Another channel has this handle."""


class TooManyChannels(Exception):
    """One person has `MOST` channels already."""


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """What to do with a channel's pictures: a new file, away with the old one, or nothing."""

    banner: BinaryIO | None = None
    avatar: BinaryIO | None = None
    drop_banner: bool = False
    drop_avatar: bool = False


KEEP = Pictures()


def create(owner: User, *, handle: str, name: str = "", description: str = "") -> Channel:
    """A new page; without a name it is called like its handle.

    Raises NameRefused, HandleTaken, TooManyChannels.
    """
    if owner.channels.count() >= MOST:
        raise TooManyChannels(_("One person can have 50 channels."))
    handle = names.clean(handle)
    return _save(
        Channel(owner=owner, handle=handle, name=name.strip() or handle, description=description)
    )


def create_first(owner: User) -> Channel:
    """The channel a new person starts with: their name if it is free, else something near it."""
    handle = owner.name or names.random_handle()
    if Channel.objects.filter(handle=handle).exists():
        handle = f"{handle[:25]}-{secrets.token_hex(2)}"
    return _save(Channel(owner=owner, handle=handle, name=owner.name or _("My channel")))


@transaction.atomic
def edit(
    channel: Channel, *, handle: str, name: str, description: str, changes: Pictures = KEEP
) -> Channel:
    """Change the page. Raises NameRefused, HandleTaken, BadPicture; then nothing has changed."""
    channel.handle = names.clean(handle) if handle != channel.handle else handle
    channel.name = name.strip() or channel.handle
    channel.description = description
    before = {channel.banner_id, channel.avatar_id}
    if changes.banner or changes.drop_banner:
        channel.banner = _picture(channel, changes.banner, pictures.BANNER)
    if changes.avatar or changes.drop_avatar:
        channel.avatar = _picture(channel, changes.avatar, pictures.AVATAR)
    _save(channel)
    Picture.objects.filter(key__in=before - {channel.banner_id, channel.avatar_id, None}).delete()
    return channel


def before_deleting(step: Callable[[Channel], None]) -> None:
    """Have `step` called with each channel that goes, inside the transaction; once is enough.

    Other apps hang what CASCADE does not reach on it, as farewell explains.
    """
    if step not in _before_deleting:
        _before_deleting.append(step)


@transaction.atomic
def delete(channel: Channel) -> None:
    """The page, its pictures and all that hangs on it; this cannot be undone."""
    for step in _before_deleting:
        step(channel)
    Picture.objects.filter(key__in=[channel.banner_id, channel.avatar_id]).delete()
    channel.delete()


def follow(user: User, channel: Channel) -> None:
    """Asking twice changes nothing."""
    Follow.objects.get_or_create(user=user, channel=channel)


def unfollow(user: User, channel: Channel) -> None:
    Follow.objects.filter(user=user, channel=channel).delete()


def _picture(channel: Channel, file: BinaryIO | None, size: tuple[int, int]) -> Picture | None:
    return pictures.make(channel.owner, file, size) if file else None


def _save(channel: Channel) -> Channel:
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError as error:
        raise HandleTaken(_("Another channel has this handle.")) from error
    return channel

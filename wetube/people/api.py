"""The JSON API of people: who I am, and my channels."""

from typing import Annotated

from django.conf import settings
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import StringConstraints

from wetube.core.http import SignedInRequest
from wetube.people import channels, names
from wetube.people.api_auth import Token
from wetube.people.models import Channel, User

# NUL is no letter to PostgreSQL, and none of a person's either.
NO_NUL = r"^[^\x00]*$"
Handle = Annotated[str, StringConstraints(min_length=3, max_length=30, pattern=r"^[a-zA-Z0-9_-]+$")]
Name = Annotated[str, StringConstraints(max_length=60, pattern=NO_NUL)]
Description = Annotated[str, StringConstraints(max_length=5000, pattern=NO_NUL)]

router = Router(tags=["people"])


class Refusal(Schema):
    """Why not, in a sentence."""

    detail: str


class Me(Schema):
    key: str
    name: str | None
    display_name: str


class ChannelOut(Schema):
    key: str
    handle: str
    name: str
    description: str
    url: str
    banner_url: str | None
    avatar_url: str | None

    @staticmethod
    def resolve_url(channel: Channel) -> str:
        return f"{settings.SITE_URL}{channel.get_absolute_url()}"

    @staticmethod
    def resolve_banner_url(channel: Channel) -> str | None:
        return f"{settings.SITE_URL}{channel.banner_url}" if channel.banner_id else None

    @staticmethod
    def resolve_avatar_url(channel: Channel) -> str | None:
        return f"{settings.SITE_URL}{channel.avatar_url}" if channel.avatar_id else None


class ChannelIn(Schema):
    handle: Handle
    name: Name = ""
    description: Description = ""


class ChannelPatch(Schema):
    """What is left out stays as it is."""

    handle: Handle | None = None
    name: Name | None = None
    description: Description | None = None


@router.get("/me", response={200: Me, 401: Refusal, 403: Refusal}, auth=Token("read"))
def me(request: SignedInRequest) -> User:
    """Whom this token acts for."""
    return request.user


@router.get(
    "/channels", response={200: list[ChannelOut], 401: Refusal, 403: Refusal}, auth=Token("read")
)
def my_channels(request: SignedInRequest) -> list[Channel]:
    """My channels, oldest first; there are at most fifty."""
    return list(request.user.channels.all())


@router.post(
    "/channels",
    response={201: ChannelOut, 401: Refusal, 403: Refusal, 409: Refusal},
    auth=Token("channels"),
)
def create_channel(request: SignedInRequest, body: ChannelIn) -> Status[Channel]:
    """Open another channel; 409 when its handle cannot be had or there are too many."""
    try:
        return Status(201, channels.create(request.user, **body.dict()))
    except (names.NameRefused, channels.TooManyChannels) as refusal:
        raise HttpError(409, str(refusal)) from refusal


@router.get(
    "/channels/{key}",
    response={200: ChannelOut, 401: Refusal, 403: Refusal, 404: Refusal},
    auth=Token("read"),
)
def one_channel(request: SignedInRequest, key: str) -> Channel:
    """One of my channels."""
    return _mine(request, key)


@router.patch(
    "/channels/{key}",
    response={200: ChannelOut, 401: Refusal, 403: Refusal, 404: Refusal, 409: Refusal},
    auth=Token("channels"),
)
def edit_channel(request: SignedInRequest, key: str, body: ChannelPatch) -> Channel:
    """Change what is given; 409 when the handle cannot be had."""
    channel = _mine(request, key)
    now = {"handle": channel.handle, "name": channel.name, "description": channel.description}
    try:
        return channels.edit(channel, **{**now, **body.dict(exclude_none=True)})
    except names.NameRefused as refusal:
        raise HttpError(409, str(refusal)) from refusal


@router.delete(
    "/channels/{key}",
    response={204: None, 401: Refusal, 403: Refusal, 404: Refusal},
    auth=Token("channels"),
)
def delete_channel(request: SignedInRequest, key: str) -> Status[None]:
    """Remove the channel and everything on it, for good."""
    channels.delete(_mine(request, key))
    return Status(204, None)


def _mine(request: SignedInRequest, key: str) -> Channel:
    channel = Channel.objects.filter(owner=request.user, key=key).first() if _is_key(key) else None
    if channel is None:
        raise HttpError(404, _("You have no channel with this key."))
    return channel


def _is_key(key: str) -> bool:
    return key.isalnum() and len(key) == 11

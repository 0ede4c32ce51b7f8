"""Films by JSON: the same verbs as the pages, for programs with a token."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field, StringConstraints

from wetube.cloudcoin import till
from wetube.core.whole import WHOLE
from wetube.people.api_auth import Token
from wetube.people.models import User
from wetube.video import editing, progress, uploads
from wetube.video import search as searching
from wetube.video.models import Video

router = Router(tags=["videos"])

Key = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{11}$")]
MOST = 100


class Problem(Schema):
    """Why the answer is no."""

    detail: str


class Announced(Schema):
    """A file about to be uploaded; `size` in bytes."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    size: Annotated[int, Field(ge=1, le=1 << 50), WHOLE]
    channel: Annotated[str, StringConstraints(max_length=30)] = ""
    title: Annotated[str, StringConstraints(max_length=120)] = ""


class Upload(Schema):
    """Send the bytes to `endpoint` with any tus 1.0 client."""

    key: str
    name: str
    size: int
    title: str
    endpoint: str
    expires: datetime


class Line(Schema):
    """How far one part of the work is; `speed` in seconds of film a second."""

    label: str
    fraction: float
    speed: float
    left_seconds: float | None
    state: str


class Film(Schema):
    """A film; `price` in drops (10⁻⁸ CLD), `duration` in seconds, `size` in bytes."""

    key: str
    title: str
    description: str
    channel: str
    state: str
    visibility: str
    price: int
    tags: list[str]
    category: str
    language: str
    licence: str
    is_sensitive: bool
    duration: float | None
    width: int | None
    height: int | None
    size: int
    views: int
    created: datetime
    published_at: datetime | None
    failure: str
    warning: str

    @staticmethod
    def resolve_channel(film: Video) -> str:
        return film.channel.handle


class OwnFilm(Film):
    """One's own film with the work on it; `fraction` is of the whole way."""

    progress: list[Line]
    fraction: float

    @staticmethod
    def resolve_progress(film: Video) -> list[dict[str, Any]]:
        return [{**vars(line), "label": str(line.label)} for line in progress.lines(film)]

    @staticmethod
    def resolve_fraction(film: Video) -> float:
        return progress.overall(film)


class Changes(Schema):
    """What to change; what is left out stays."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=120)] | None = None
    description: Annotated[str, StringConstraints(max_length=5000)] | None = None
    visibility: Video.Visibility | None = None
    price: Annotated[int, Field(ge=0, le=till.MAX_DROPS), WHOLE] | None = None
    tags: (
        Annotated[
            list[Annotated[str, StringConstraints(min_length=1, max_length=30)]],
            Field(max_length=15),
        ]
        | None
    ) = None
    category: Video.Category | None = None
    language: Annotated[str, StringConstraints(max_length=12)] | None = None
    licence: Video.Licence | None = None
    is_sensitive: bool | None = None
    password: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None


@router.post(
    "/uploads",
    auth=Token("upload"),
    response={201: Upload, 401: Problem, 403: Problem, 409: Problem, 413: Problem},
)
def start_upload(request: HttpRequest, announced: Announced) -> Status[dict[str, object]]:
    """Announce a file. Room is promised before the first byte."""
    mine = _user(request).channels.select_related("owner")
    channel = mine.filter(handle=announced.channel).first() if announced.channel else mine.first()
    if channel is None:
        raise HttpError(409, _("Make a channel first."))
    try:
        video = uploads.begin(
            channel=channel, name=announced.name, size=announced.size, title=announced.title
        )
    except uploads.UploadRefused as refusal:
        raise HttpError(413, str(refusal)) from refusal
    return Status(201, _upload(video))


@router.get(
    "/uploads", auth=Token("upload"), response={200: list[Upload], 401: Problem, 403: Problem}
)
def unfinished_uploads(request: HttpRequest) -> list[dict[str, object]]:
    """Uploads that may still go on."""
    return [_upload(video) for video in uploads.unfinished(_user(request)) if video.source_size]


@router.delete(
    "/uploads/{key}",
    auth=Token("upload"),
    response={204: None, 401: Problem, 403: Problem, 404: Problem},
)
def cancel_upload(request: HttpRequest, key: Key) -> Status[None]:
    """Forget an upload and its bytes."""
    uploads.cancel(_own(request, key))
    return Status(204, None)


@router.get(
    "/videos", auth=Token("read"), response={200: list[OwnFilm], 401: Problem, 403: Problem}
)
def my_videos(
    request: HttpRequest,
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Field(ge=1, le=MOST)] = 30,
) -> list[Video]:
    """One's own films in any state, the newest first."""
    films = Video.objects.owned_by(_user(request)).select_related("channel")
    films = films.prefetch_related("pieces").order_by("-created", "-pk")
    return list(films[offset : offset + limit])


@router.get(
    "/videos/{key}",
    auth=Token("read"),
    response={200: OwnFilm, 401: Problem, 403: Problem, 404: Problem},
)
def one_video(request: HttpRequest, key: Key) -> Video:
    """One of one's own films, with the work on it."""
    return _own(request, key)


@router.patch(
    "/videos/{key}",
    auth=Token("videos"),
    response={200: OwnFilm, 401: Problem, 403: Problem, 404: Problem, 409: Problem},
)
def edit_video(request: HttpRequest, key: Key, changes: Changes) -> Video:
    """Change a film's details."""
    video = _own(request, key)
    said = {name: value for name, value in changes.dict().items() if value is not None}
    password = str(said.pop("password", ""))
    try:
        editing.edit(video, said, password=password)
    except editing.EditRefused as refusal:
        raise HttpError(409, str(refusal)) from refusal
    return video


@router.delete(
    "/videos/{key}",
    auth=Token("videos"),
    response={204: None, 401: Problem, 403: Problem, 404: Problem},
)
def delete_video(request: HttpRequest, key: Key) -> Status[None]:
    """Take a film down for good."""
    editing.take_down(_own(request, key))
    return Status(204, None)


@router.post(
    "/videos/{key}/retry",
    auth=Token("videos"),
    response={200: OwnFilm, 401: Problem, 403: Problem, 404: Problem, 409: Problem},
)
def retry_video(request: HttpRequest, key: Key) -> Video:
    """Try a failed film once more."""
    video = _own(request, key)
    if not editing.retry(video):
        raise HttpError(409, _("There is nothing to try again. Upload the file once more."))
    return video


@router.get("/search", response={200: list[Film]})
def search(
    request: HttpRequest,
    q: Annotated[str, StringConstraints(max_length=200)] = "",
    offset: Annotated[int, Field(ge=0, le=1000)] = 0,
    limit: Annotated[int, Field(ge=1, le=MOST)] = 30,
) -> list[Video]:
    """What everybody may find."""
    return list(searching.find(q, viewer=request.user)[offset : offset + limit])


def _user(request: HttpRequest) -> User:
    """The person the token stands for; no call gets here without one."""
    assert isinstance(request.user, User)  # noqa: S101 - the router's auth put it there
    return request.user


def _own(request: HttpRequest, key: str) -> Video:
    films = Video.objects.owned_by(_user(request)).select_related("channel__owner")
    return get_object_or_404(films, key=key)


def _upload(video: Video) -> dict[str, object]:
    return {
        "key": video.key,
        "name": video.source_name,
        "size": video.source_size,
        "title": video.title,
        "endpoint": uploads.endpoint(video),
        "expires": video.created + uploads.OPEN_FOR,
    }

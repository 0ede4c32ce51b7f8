"""Receiving a film: room is promised before the first byte, every byte that came is kept."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from wetube.content import grants
from wetube.core.later import after_commit
from wetube.people.models import Channel, User
from wetube.video import tasks, workshop
from wetube.video.models import Video, VideoQuerySet
from wetube.video.transcoding import sandbox

OPEN_FOR = timedelta(days=7)
LONGEST_NAME = 255


class UploadRefused(Exception):
    """The sentence says why no byte of this file is taken."""


def begin(*, channel: Channel, name: str, size: int, title: str = "") -> Video:
    """Open an upload of `size` bytes; raises UploadRefused when there is no room for it.

    Size 0 means unknown: the plain form learns it only while it receives.
    """
    owner = channel.owner
    _refuse_without_a_sandbox()
    _refuse_what_does_not_fit(owner, size)
    return Video.objects.create(
        channel=channel,
        title=(title.strip() or _title_from(name))[:120],
        source_name=name[:LONGEST_NAME],
        source_size=size,
    )


def endpoint(video: Video) -> str:
    """Where a tus client sends the bytes."""
    most = video.source_size or settings.MAX_FORM_UPLOAD_BYTES
    return grants.to_upload(video.key, most=most, seconds=int(OPEN_FOR.total_seconds()))


def form_endpoint(video: Video) -> str:
    """Where a plain form sends the file."""
    return f"{endpoint(video)}/form"


def finish(key: str, *, size: int, name: str = "") -> Video | None:
    """The last byte is on disk: set the film on its way. Safe to say twice.

    None if the upload was cancelled meanwhile.
    """
    with transaction.atomic():
        video = Video.objects.select_for_update().filter(key=key).first()
        if video is None or video.state != Video.State.UPLOADING:
            return video
        changes: dict[str, object] = {"source_size": size}
        if name and not video.source_name:
            changes["source_name"] = name[:LONGEST_NAME]
            changes["title"] = _title_from(name)[:120]
        video.move_to(Video.State.UPLOADED, **changes)
        after_commit(tasks.advance_video, video_id=video.pk)
    return video


def unfinished(owner: User) -> VideoQuerySet:
    """Uploads that may still go on, newest first."""
    since = timezone.now() - OPEN_FOR
    waiting = Video.objects.owned_by(owner).filter(state=Video.State.UPLOADING, created__gte=since)
    return waiting.select_related("channel").order_by("-created")


def cancel(video: Video) -> None:
    """Forget an upload that has not finished, and its bytes."""
    deleted, _rows = Video.objects.filter(pk=video.pk, state=Video.State.UPLOADING).delete()
    if deleted:
        workshop.clear(video.key)


def expire() -> None:
    """Uploads that nobody went on with give their room back."""
    for video in Video.objects.filter(
        state=Video.State.UPLOADING, created__lt=timezone.now() - OPEN_FOR
    ):
        cancel(video)


def used_by(owner: User) -> int:
    """Bytes that count against the owner's quota: films kept and films on their way."""
    mine = Video.objects.owned_by(owner)
    kept = mine.aggregate(all=Sum("size"))["all"] or 0
    coming = mine.exclude(state=Video.State.PUBLISHED).aggregate(all=Sum("source_size"))["all"] or 0
    return int(kept + coming)


def _refuse_without_a_sandbox() -> None:
    if sandbox.level() == "limits" and not settings.ALLOW_WEAK_SANDBOX:
        raise UploadRefused(
            _("This gateway takes no videos: its operator must install bubblewrap first.")
        )


def _refuse_what_does_not_fit(owner: User, size: int) -> None:
    if size < 0 or size > settings.MAX_UPLOAD_BYTES:
        raise UploadRefused(_("This file is too large for this gateway."))
    if used_by(owner) + size > settings.USER_QUOTA_BYTES:
        raise UploadRefused(_("Your quota has no room for this file. Delete a video first."))
    today = timezone.now() - timedelta(days=1)
    if Video.objects.owned_by(owner).filter(created__gte=today).count() >= settings.DAILY_UPLOADS:
        raise UploadRefused(_("You have reached today's number of uploads. Try again tomorrow."))


def _title_from(name: str) -> str:
    """A readable first title from whatever the file was called."""
    words = Path(name.replace("\\", "/")).stem.replace("_", " ")
    return " ".join("".join(c if c.isprintable() else " " for c in words).split()) or _("Untitled")

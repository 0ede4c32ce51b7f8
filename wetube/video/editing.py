"""Changing a film: its words, its price and visibility, its poster and captions, its end."""

import io
from collections.abc import Mapping

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from wetube.content import network
from wetube.core.later import after_commit
from wetube.people.models import Channel
from wetube.video import posters, publishing, search, sentences, tasks, workshop
from wetube.video.models import Caption, Video
from wetube.video.transcoding import captions

MOST_PIXELS = 40_000_000
POSTER_SIZE = (1280, 1280)
NOT_A_PICTURE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    OSError,
    ValueError,
    SyntaxError,  # Pillow's word for a broken PNG
)
MOST_CAPTIONS = 40


class EditRefused(Exception):
    """The sentence says what to change."""


def edit(video: Video, changes: Mapping[str, object], *, password: str = "") -> None:
    """Save the film's details; a new `password` replaces the old one.

    Raises EditRefused when a password film would be left without a password.
    """
    for name, value in changes.items():
        setattr(video, name, value)
    if password:
        video.password = make_password(password)
    if video.visibility == Video.Visibility.PASSWORD and not video.password:
        raise EditRefused(_("Choose a password, or another group of viewers."))
    with transaction.atomic():
        video.save(update_fields=[*changes, "password"])
        search.index(video)
        publishing.follow_visibility(video)


def choose_poster(video: Video, seconds: float) -> None:
    """Take the picture shown at this time as the poster; raises EditRefused."""
    if not video.cid or not 0 <= seconds <= (video.duration or 0):
        raise EditRefused(_("There is no picture at that time."))
    try:
        _replace_poster(video, posters.frame(video, seconds))
    except posters.NoPicture as error:
        raise EditRefused(_("There is no picture in this video.")) from error


def upload_poster(video: Video, picture: bytes) -> None:
    """Take a picture of one's own; it is drawn anew, so nothing hidden in it stays.

    Raises EditRefused.
    """
    if not video.cid:
        raise EditRefused(_("The video is not ready yet."))
    _replace_poster(video, _redrawn(picture))


def add_caption(video: Video, *, language: str, label: str, text: bytes) -> Caption:
    """Add or replace the captions of one language from WebVTT or SRT; raises EditRefused."""
    if video.captions.exclude(language=language).count() >= MOST_CAPTIONS:
        raise EditRefused(_("A video can have %(most)d captions.") % {"most": MOST_CAPTIONS})
    try:
        clean = captions.clean(text).encode()
    except captions.BadCaptions as error:
        raise EditRefused(sentences.said(str(error))) from error
    cid = network.store_bytes([clean])
    row, _new = Caption.objects.update_or_create(
        video=video,
        language=language,
        defaults={"label": label, "cid": cid, "size": len(clean)},
    )
    video.refresh_from_db(fields=["cid", "files"])
    if video.cid:
        publishing.renew(video)
    return row


def remove_caption(caption: Caption) -> None:
    video = caption.video
    caption.delete()
    if video.cid:
        publishing.renew(video)


def retry(video: Video) -> bool:
    """Try a failed film once more from its source; False if there is nothing to try with."""
    if video.state != Video.State.FAILED or not workshop.source(video.key).exists():
        return False
    with transaction.atomic():
        video.pieces.all().delete()
        video.move_to(Video.State.UPLOADED, failure="", warning="", attempts=0)
        after_commit(tasks.advance_video, video_id=video.pk)
    return True


def take_down(video: Video) -> None:
    """Delete the film with everything that was made of it; receipts stay with who paid."""
    with transaction.atomic():
        search.forget(video)
        network.let_go(video.holder)
        network.let_go(video.poster_holder)
        network.forget_name(video.preview_name)
        key = video.key
        video.delete()
        transaction.on_commit(lambda: workshop.clear(key))


def take_down_all(channel: Channel) -> None:
    """Everything published on a channel, when the channel goes."""
    for video in channel.videos.all():
        take_down(video)


def _replace_poster(video: Video, jpeg: bytes) -> None:
    stored = {"cid": network.store_bytes([jpeg]), "size": len(jpeg)}
    publishing.renew(video, {**video.files, "poster.jpg": stored})


def _redrawn(picture: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise EditRefused(_("This picture is too large. Use one of at most 40 megapixels."))
            image.draft("RGB", POSTER_SIZE)
            drawn = image.convert("RGB")
            drawn.thumbnail(POSTER_SIZE)
    except NOT_A_PICTURE as error:
        raise EditRefused(_("This is not a JPEG, PNG or WebP picture.")) from error
    made = io.BytesIO()
    drawn.save(made, "JPEG", quality=85, optimize=True)
    return made.getvalue()

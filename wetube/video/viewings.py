"""Counting views: ten seconds watched, once a viewing, and nothing about who."""

import secrets
from datetime import timedelta

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from wetube.video.models import SpentViewing, Video, ViewDay

SALT = "wetube.viewing"
SHORTEST = timedelta(seconds=10)
LONGEST = timedelta(hours=24)
MOSTLY = 0.9  # of a video that is shorter than that


class NotAView(Exception):
    """The token is not ours, too old, or came too soon."""


def token(video: Video) -> str:
    """A random number for one viewing of this film, signed with the time."""
    return signing.TimestampSigner(salt=SALT).sign_object([video.key, secrets.token_hex(16)])


def count(video: Video, said: str) -> bool:
    """Count the viewing; False if it was counted already. Raises NotAView."""
    nonce = _opened(video, said)
    try:
        with transaction.atomic():
            SpentViewing.objects.create(nonce=nonce)
            today, _new = ViewDay.objects.get_or_create(video=video, day=timezone.now().date())
            ViewDay.objects.filter(pk=today.pk).update(count=F("count") + 1)
            Video.objects.filter(pk=video.pk).update(views=F("views") + 1)
    except IntegrityError:
        return False
    return True


def forget_spent() -> None:
    """Numbers too old to be accepted again need not be remembered."""
    SpentViewing.objects.filter(spent__lt=timezone.now() - 2 * LONGEST).delete()


def _opened(video: Video, said: str) -> str:
    signer = signing.TimestampSigner(salt=SALT)
    try:
        key, nonce = signer.unsign_object(said, max_age=LONGEST)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotAView(_("This viewing is not known here.")) from error
    if key != video.key:
        raise NotAView(_("This viewing is of another video."))
    if not _is_old_enough(signer, said, video.duration):
        raise NotAView(_("A view counts after ten seconds, or at the end of what is shorter."))
    return str(nonce)


def _is_old_enough(signer: signing.TimestampSigner, said: str, duration: float | None) -> bool:
    """The signature is still fresh exactly when it came too soon; its time is in whole seconds."""
    least = min(SHORTEST, timedelta(seconds=(duration or 0) * MOSTLY)) if duration else SHORTEST
    try:
        signer.unsign(said, max_age=max(least - timedelta(seconds=1), timedelta()))
    except signing.SignatureExpired:
        return True
    return False

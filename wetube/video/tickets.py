"""Tickets: what somebody who paid from a wallet shows at a film's door, signed in or not.

A ticket names the charge and the film, signed by this site. Whoever has it watches; it holds as
long as the charge does, so after a refund it opens nothing.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.utils import timezone

from wetube.cloudcoin.models import Charge
from wetube.video.models import Video

SALT = "wetube.ticket"
MOST_LETTERS = 300


def of(charge: Charge) -> str:
    """The ticket of a paid viewing; asks no database."""
    return signing.dumps([charge.key, charge.subject], salt=SALT)


def charge(ticket: str, video: Video) -> Charge | None:
    """The charge that stands behind a ticket for this film; None if it is none or holds no more."""
    found = named(ticket, video)
    if found is None or hasattr(found, "refund"):
        return None
    return found if found.at >= timezone.now() - timedelta(hours=settings.PAID_HOURS) else None


def named(ticket: str, video: Video) -> Charge | None:
    """The charge a ticket for this film names, whether it still holds or not."""
    try:
        key, subject = signing.loads(ticket[:MOST_LETTERS], salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if subject != video.holder:
        return None
    return Charge.objects.select_related("refund").filter(key=key, subject=subject).first()

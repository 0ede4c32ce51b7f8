"""How much a person may keep, and how much of it is taken."""

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from wetube.people.models import User
from wetube.pinning.models import PinRequest


def used(owner: User) -> int:
    """Bytes this person keeps, with what is on its way."""
    rows = PinRequest.objects.filter(owner=owner).exclude(state=PinRequest.State.FAILED)
    return int(rows.aggregate(used=Sum("size", default=0))["used"])


def left(owner: User) -> int:
    """Bytes this person may keep besides; never less than none."""
    return max(0, settings.PIN_QUOTA_BYTES - used(owner))


@transaction.atomic
def reserve(request: PinRequest, size: int) -> bool:
    """Count `size` bytes as kept for this request, instead of what was counted for it before.

    False when they are too many; then nothing has changed.
    """
    owner = alone(request.owner_id)
    others = PinRequest.objects.filter(owner=owner).exclude(state=PinRequest.State.FAILED)
    taken = others.exclude(pk=request.pk).aggregate(used=Sum("size", default=0))["used"]
    if taken + size > settings.PIN_QUOTA_BYTES:
        return False
    PinRequest.objects.filter(pk=request.pk).update(size=size)
    return True


def alone(owner_id: int) -> User:
    """The person, with nobody else at their pins until this transaction ends."""
    return User.objects.select_for_update().get(pk=owner_id)

"""What people do with pins: ask for one, replace it, take it back, try again."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wetube.content import network
from wetube.core.later import after_commit
from wetube.nodes import refusing
from wetube.people.models import User
from wetube.pinning import room
from wetube.pinning.models import PinRequest
from wetube.pinning.refusals import Declined, NoSuchPin, QuotaExceeded
from wetube.pinning.tasks import gather_pin
from wetube.pinning.wishes import Wish

MOST_REQUESTS = 10_000  # of one person
MILLISECOND = timedelta(milliseconds=1)


@transaction.atomic
def ask(owner: User, wish: Wish) -> PinRequest:
    """A new request, on its way. Raises QuotaExceeded, Declined."""
    room.alone(owner.pk)
    if not room.left(owner):
        raise QuotaExceeded(_("You keep as much as you may. Remove something first."))
    if PinRequest.objects.filter(owner=owner).count() >= MOST_REQUESTS:
        raise QuotaExceeded(_("You have as many pins as anyone may. Remove some first."))
    return _begin(owner, wish)


@transaction.atomic
def replace(owner: User, key: str, wish: Wish) -> PinRequest:
    """The new request in place of the old one, which is gone. Raises NoSuchPin, Declined.

    Nothing the two have in common is freed: blocks younger than the node's grace stay anyway,
    and the sweep waits longer than a fetch begins.
    """
    room.alone(owner.pk)
    remove(owner, key)
    return _begin(owner, wish)


@transaction.atomic
def remove(owner: User, key: str) -> None:
    """The node lets go with its next sweep. Raises NoSuchPin."""
    request = find(owner, key)
    network.let_go(request.holder)
    request.delete()


@transaction.atomic
def try_again(owner: User, key: str) -> PinRequest:
    """A request that failed begins anew; any other stays as it is. Raises NoSuchPin."""
    request = find(owner, key)
    if request.state == PinRequest.State.FAILED:
        request.move_to(
            PinRequest.State.QUEUED, attempts=0, next_try=timezone.now(), size=0, why=""
        )
        after_commit(gather_pin, request_id=request.pk)
    return request


def find(owner: User, key: str) -> PinRequest:
    """Raises NoSuchPin."""
    request = PinRequest.objects.filter(owner=owner, key=key).first()
    if request is None:
        raise NoSuchPin(_("You have no such pin."))
    return request


def forget_all(owner: User) -> None:
    """The person leaves: the node lets go of all they had kept."""
    for request in PinRequest.objects.filter(owner=owner):
        network.let_go(request.holder)
        request.delete()


def _begin(owner: User, wish: Wish) -> PinRequest:
    refusal = refusing.of(wish.cid)
    if refusal:
        says = _("This gateway does not keep it: %(reason)s")
        raise Declined(says % {"reason": refusal.reason})
    request = PinRequest.objects.create(
        owner=owner,
        asked=wish.asked,
        cid=wish.cid,
        name=wish.name,
        folded=wish.folded,
        origins=list(wish.origins),
        meta=wish.meta,
        pairs=wish.pairs,
        created=_own_moment(owner),
    )
    after_commit(gather_pin, request_id=request.pk)
    return request


def _own_moment(owner: User) -> datetime:
    """Now, in whole milliseconds, after every other request of this person."""
    now = timezone.now()
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    last = PinRequest.objects.filter(owner=owner).order_by("-created").first()
    return now if last is None or last.created < now else last.created + MILLISECOND

"""What a worker does for one pin request: see that the node holds the bytes, then keep them.

Bytes that lie here for somebody's private reasons are as good as absent: whoever learned their
CID could otherwise open them to everybody, or learn that we hold them. So a request is met from
what is open here already, or from what others in the network give away.
"""

import logging
from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from wetube.content import network
from wetube.content.models import Content, Pin
from wetube.core import claims
from wetube.core.states import TransitionRefused
from wetube.pinning import room
from wetube.pinning.models import PinRequest

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 30
SOONEST, LATEST = timedelta(seconds=30), timedelta(hours=1)  # between two attempts
NOBODY = gettext_noop("Nobody who is known here gave these bytes.")
TOO_MUCH = gettext_noop("This is more than you may keep. Remove something first.")
LATER = gettext_noop("The node did not take them; it is tried again.")

State = PinRequest.State


def gather(request_id: int) -> None:
    """One attempt. May be called at any time, any number of times."""
    request = _take(request_id)
    if request is None:
        return
    with claims.holding(request):
        try:
            size = _open_here(request.cid)
            if size is None:
                _put_off(request, NOBODY)
            else:
                _keep(request, size)
        except network.Unreachable as error:
            logger.warning("Pin request %s waits: %s", request.key, error)
            _put_off(request, LATER)
        except TransitionRefused:
            network.let_go(request.holder)  # it was taken back meanwhile


def due() -> list[int]:
    """Requests whose time has come, and those that a worker dropped."""
    waiting = PinRequest.objects.filter(state=State.QUEUED, next_try__lte=timezone.now())
    dropped = PinRequest.objects.filter(state=State.PINNING).unclaimed()
    return [*waiting.values_list("pk", flat=True), *dropped.values_list("pk", flat=True)]


def let_go_of_lost() -> int:
    """Let go of what is held for requests that are gone: a worker died between the two."""
    held = Pin.objects.filter(holder__startswith="pin:").values_list("holder", flat=True)
    keys = {holder.removeprefix("pin:") for holder in held}
    lost = keys - set(PinRequest.objects.filter(key__in=keys).values_list("key", flat=True))
    for key in lost:
        network.let_go(f"pin:{key}")
    return len(lost)


def _take(request_id: int) -> PinRequest | None:
    """The request, PINNING and ours for a minute; None when another worker has it."""
    waiting = PinRequest.objects.filter(state__in=(State.QUEUED, State.PINNING))
    request = waiting.claim(request_id, until=claims.until())
    if request is None or request.state == State.PINNING:
        return request
    try:
        request.move_to(State.PINNING, attempts=F("attempts") + 1, why="")
    except TransitionRefused:
        return None
    return PinRequest.objects.claim(request_id, until=claims.until())


def _open_here(cid: str) -> int | None:
    """Bytes of a content that anyone may read here, None when there is no such one."""
    is_open = Content.objects.filter(cid=cid, pins__is_open=True)
    return is_open.values_list("size", flat=True).first()


def _keep(request: PinRequest, size: int) -> None:
    if not room.reserve(request, size):
        request.move_to(State.FAILED, why=TOO_MUCH, size=0)
        return
    network.keep(request.cid, size=size, holder=request.holder, is_open=True)
    request.move_to(State.PINNED, size=size, why="")


def _put_off(request: PinRequest, why: str) -> None:
    if request.attempts >= MOST_ATTEMPTS:
        request.move_to(State.FAILED, why=why)
        return
    pause = min(SOONEST * 2 ** min(request.attempts, 12), LATEST)
    request.move_to(State.QUEUED, why=why, next_try=timezone.now() + pause)

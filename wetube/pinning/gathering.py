"""What a worker does for one pin request: see that the node holds the bytes, then keep them.

Bytes that lie here for somebody's private reasons are as good as absent: whoever learned their
CID could otherwise open them to everybody, or learn that we hold them. So a request is met from
what is open here already, or from what others in the network give away.
"""

import logging
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from wetube.content import network, parts
from wetube.content.models import Content, Pin
from wetube.core import claims
from wetube.core.states import TransitionRefused
from wetube.nodes import pulling
from wetube.pinning import room
from wetube.pinning.models import PinRequest

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 30
AT_ONCE = 2  # requests in the hands of all workers together: they have other work, too
TURN = 50  # requests handed out in one sweep
SPELL = 60.0  # seconds after which a fetch that goes on and on lets others have their turn
SOONEST, LATEST = timedelta(seconds=30), timedelta(hours=1)  # between two attempts
NOBODY = gettext_noop("Nobody who is known here gave these bytes.")
TOO_MUCH = gettext_noop("This is more than you may keep. Remove something first.")
UNFIT = gettext_noop("These bytes are of a kind that is not kept here.")
LATER = gettext_noop("The node did not take them; it is tried again.")

State = PinRequest.State


def gather(request_id: int) -> None:
    """One attempt. May be called at any time, any number of times.

    Where too many are at it already nothing happens: the next sweep asks again.
    """
    if _busy() >= AT_ONCE:
        return
    request = _take(request_id)
    if request is None:
        return
    with claims.holding(request):
        try:
            _attempt(request)
        except TransitionRefused:  # it was taken back meanwhile
            network.let_go(request.holder)
            pulling.forget(_folder(request.key))


def due() -> list[int]:
    """Requests whose time has come, and those that a worker dropped; who waits longest first."""
    now = timezone.now()
    waiting = Q(state=State.QUEUED, next_try__lte=now)
    dropped = Q(state=State.PINNING)
    rows = PinRequest.objects.unclaimed().filter(waiting | dropped).order_by("next_try", "pk")
    return list(rows.values_list("pk", flat=True)[:TURN])


def _busy() -> int:
    """How many requests workers hold now."""
    held = PinRequest.objects.filter(state=State.PINNING, claimed_until__gt=timezone.now())
    return held.count()


def let_go_of_lost() -> int:
    """Let go of what is held for requests that are gone: a worker died between the two."""
    held = Pin.objects.filter(holder__startswith="pin:").values_list("holder", flat=True)
    keys = {holder.removeprefix("pin:") for holder in held}
    lost = keys - set(PinRequest.objects.filter(key__in=keys).values_list("key", flat=True))
    for key in lost:
        network.let_go(f"pin:{key}")
    _clear_folders()
    return len(lost)


def _clear_folders() -> None:
    """What was gathered for requests that are met, gone or given up."""
    under_way = PinRequest.objects.filter(state__in=(State.QUEUED, State.PINNING))
    wanted = set(under_way.values_list("key", flat=True))
    for folder in (Path(settings.WORK_DIR) / "pins").glob("*"):
        if folder.name not in wanted:
            pulling.forget(folder)


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


def _attempt(request: PinRequest) -> None:
    """To where it is kept, or to the next attempt, or to its end; raises TransitionRefused."""
    try:
        size = _open_here(request.cid)
        _keep(request, _pulled(request) if size is None else size)
    except pulling.Paused:
        request.move_to(State.QUEUED, attempts=0, next_try=timezone.now())
    except pulling.NobodyGave:
        _put_off(request, NOBODY)
    except pulling.TooMuch:
        _give_up(request, TOO_MUCH)
    except pulling.Unfit as error:
        logger.info("Pin request %s cannot be met: %s", request.key, error)
        _give_up(request, UNFIT)
    except (network.Unreachable, network.Full) as error:
        logger.warning("Pin request %s waits: %s", request.key, error)
        _put_off(request, LATER)


def _pulled(request: PinRequest) -> int:
    """Bytes fetched from the network; raises what pulling raises."""
    mine = PinRequest.objects.filter(pk=request.pk, state=State.PINNING)
    return pulling.pull(
        request.cid,
        origins=request.origins,
        most=room.left(request.owner) + request.size,
        turn=pulling.Turn(lambda size: _tell(mine, size), SPELL),
        at=_folder(request.key),
    )


def _tell(mine: QuerySet[PinRequest], size: int) -> None:
    mine.update(size=size)


def _folder(key: str) -> Path:
    return Path(settings.WORK_DIR) / "pins" / key


def _open_here(cid: str) -> int | None:
    """Bytes of a content that anyone may read here, None when there is no such one."""
    whole = Content.objects.filter(cid=cid, pins__is_open=True)
    size = whole.values_list("size", flat=True).first()
    return network.weigh(cid) if size is None and parts.is_open(cid) else size


def _keep(request: PinRequest, size: int) -> None:
    if not room.reserve(request, size):
        _give_up(request, TOO_MUCH)
        return
    network.keep(request.cid, size=size, holder=request.holder, is_open=True)
    request.move_to(State.PINNED, size=size, why="")


def _give_up(request: PinRequest, why: str) -> None:
    request.move_to(State.FAILED, why=why, size=0)
    pulling.forget(_folder(request.key))


def _put_off(request: PinRequest, why: str) -> None:
    if request.attempts >= MOST_ATTEMPTS:
        _give_up(request, why)
        return
    pause = min(SOONEST * 2 ** min(request.attempts, 12), LATEST)
    request.move_to(State.QUEUED, why=why, next_try=timezone.now() + pause)

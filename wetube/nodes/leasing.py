"""Leases on their way: offered to their node, followed until they are held, renewed, ended.

The row says what is next; each step is one or two requests, outside transactions, and may happen
twice: a node answers the same lease twice alike.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from wetube.core import claims
from wetube.core.states import TransitionRefused
from wetube.nodes import calling, choosing, parts, terms
from wetube.nodes.calling import NodeSaysNo, NodeSaysNonsense, NodeSilent
from wetube.nodes.models import Lease, Node, Placement
from wetube.nodes.parts import PartUnavailable

State = Lease.State
LEASES = "/wt/v1/leases"
SOON = timedelta(seconds=2)
TRIES = 6  # until an offer that nobody hears is given up
FETCHES_WITHIN = timedelta(hours=12)
LONGEST_WAIT = 3600  # seconds between tries
MOST = 500  # leases in one round


def advance(lease_id: int) -> bool:
    """Take the next step of a lease; False if another hand has it or there is none to take."""
    lease = Lease.objects.claim(lease_id, until=claims.until())
    if lease is None:
        return False
    step = _next_step(lease)
    if step is None:
        lease.release()
        return False
    try:
        with claims.holding(lease):
            step(lease)
    except NodeSilent as silence:
        _try_again(lease, str(silence))
    except (NodeSaysNo, NodeSaysNonsense) as no:
        _take_no(lease, str(no))
    except PartUnavailable as trouble:
        _try_again(lease, str(trouble))
    except TransitionRefused:
        return False  # another hand has moved it on meanwhile
    return True


def due() -> list[int]:
    """Leases with a step to take now."""
    now = timezone.now()
    moving = Q(state__in=(State.ASKED, State.FETCHING, State.ENDING))
    untold = Q(state=State.HELD) & (Q(told_until=None) | Q(told_until__lt=F("not_after")))
    rows = Lease.objects.unclaimed().filter(moving | untold, next_try__lte=now)
    return list(rows.order_by("next_try").values_list("pk", flat=True)[:MOST])


def renew() -> None:
    """Make leases that go on longer well before they end, and let the others run out.

    A node that has become dearer than we pay is not asked again: its part goes elsewhere.
    """
    now = timezone.now()
    until = now + timedelta(days=settings.LEASE_DAYS)
    held = Lease.objects.held()
    going_on = held.filter(
        placement__state=Placement.State.STANDING,
        node__state=Node.State.ACTIVE,
        node__prices__storage__lte=settings.STORAGE_PRICE_LIMIT,
        not_after__lt=now + timedelta(days=settings.LEASE_DAYS) * 3 / 4,
    ).select_related("node")
    for lease in going_on.order_by("not_after", "pk")[:MOST]:
        price = choosing.price_of(lease.node)
        if price is not None:
            same = held.filter(pk=lease.pk, not_after=lease.not_after)
            same.update(not_after=until, price=price, next_try=now, tries=0)
    over = Lease.objects.running().filter(not_after__lt=now)
    with transaction.atomic():
        Placement.objects.filter(leases__in=over).update(looked_at=None)
        over.update(state=State.ENDING, state_since=now, claimed_until=None, next_try=now)


def _next_step(lease: Lease) -> Callable[[Lease], None] | None:
    if lease.state == State.HELD and lease.told_until == lease.not_after:
        return None
    return {
        State.ASKED: _offer,
        State.FETCHING: _follow,
        State.HELD: _renew,
        State.ENDING: _drop,
    }.get(State(lease.state))


def _offer(lease: Lease) -> None:
    """Name the lease, and where its part can be fetched."""
    _tell(lease, parts.sources(lease))
    lease.move_to(State.FETCHING, next_try=timezone.now(), tries=0)


def _renew(lease: Lease) -> None:
    """Tell the node of the later end."""
    _tell(lease, [])
    _wait(lease, SOON)


def _tell(lease: Lease, sources: Sequence[parts.Source]) -> None:
    """What the node accepts, it accepts until this end."""
    until = lease.not_after
    said = {"lease": terms.signed(lease), "sources": list(sources)}
    calling.ask(lease.node, "POST", LEASES, said)
    Lease.objects.filter(pk=lease.pk).update(told_until=until, why="")


def _follow(lease: Lease) -> None:
    """Held, refused, or not yet; what the node does not fetch by itself is brought."""
    answer = calling.ask(lease.node, "GET", f"{LEASES}/{lease.serial}")
    if _said(answer) == "fetching" and _is_to_be_brought(lease, answer):
        parts.bring(lease)
        answer = calling.ask(lease.node, "GET", f"{LEASES}/{lease.serial}")
    match _said(answer):
        case "held":
            _hold(lease)
        case "refused":
            raise NodeSaysNo(str(answer.get("why") or _("The node refused it.")))
        case "fetching" if lease.state_since < timezone.now() - FETCHES_WITHIN:
            raise NodeSaysNo(_("The node could not fetch it."))
        case "fetching":
            _wait(lease, min(SOON * 2**lease.tries, timedelta(seconds=60)))
        case other:
            raise NodeSaysNonsense(f"A lease cannot be {other!r}.")


def _is_to_be_brought(lease: Lease, answer: Mapping[str, Any]) -> bool:
    """Nothing it could fetch from was named, or it has got nothing from there for a while."""
    return not parts.sources(lease) or (lease.tries >= 3 and not answer.get("have"))


def _said(answer: Any) -> object:
    return answer.get("state") if isinstance(answer, Mapping) else answer


def _hold(lease: Lease) -> None:
    now = timezone.now()
    with transaction.atomic():
        lease.move_to(State.HELD, held_since=now, paid_through=now, next_proof=now, tries=0, why="")
        Placement.objects.filter(pk=lease.placement_id).update(looked_at=None)
    parts.forget(lease)


def _drop(lease: Lease) -> None:
    """The node may let go. Whoever is not there any more needs not be told."""
    absent = (Node.State.LOST, Node.State.GONE, Node.State.REFUSED)
    if lease.node.state not in absent:
        with suppress(NodeSaysNo):  # it does not know the lease: so it has let go
            calling.ask(lease.node, "DELETE", f"{LEASES}/{lease.serial}")
    lease.move_to(State.ENDED)
    parts.forget(lease)


def _wait(lease: Lease, delay: timedelta) -> None:
    Lease.objects.filter(pk=lease.pk).update(
        next_try=timezone.now() + delay, tries=F("tries") + 1, claimed_until=None
    )


def _try_again(lease: Lease, why: str) -> None:
    """Later, and ever later; an offer nobody hears goes to another node in the end."""
    if lease.state in {State.ASKED, State.FETCHING} and lease.tries >= TRIES:
        return _refused(lease, why)
    Lease.objects.filter(pk=lease.pk).update(why=why[:300])
    return _wait(lease, timedelta(seconds=min(5 * 2**lease.tries, LONGEST_WAIT)))


def _take_no(lease: Lease, why: str) -> None:
    if lease.state in {State.ASKED, State.FETCHING}:
        return _refused(lease, why)
    return _try_again(lease, why)


def _refused(lease: Lease, why: str) -> None:
    """This node does not keep it; another is asked."""
    with transaction.atomic():
        Lease.objects.filter(pk=lease.pk, state__in=(State.ASKED, State.FETCHING)).update(
            state=State.REFUSED, state_since=timezone.now(), claimed_until=None, why=why[:300]
        )
        Placement.objects.filter(pk=lease.placement_id).update(looked_at=None)
    parts.forget(lease)

"""Whether a node is there: joining, silent, lost, back again, leaving; and what follows from it."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from wetube.core.states import TransitionRefused
from wetube.nodes.models import Lease, Node, Placement, SpentRequest

LOSSES_FORGIVEN = 3
State = Node.State


class Unwelcome(Exception):
    """The node may not come back."""


class NotRefused(Exception):
    """There is nothing to pardon."""


def welcome(node: Node) -> None:
    """A node registers: one that left or was lost joins again.

    What a lost one still holds counts again once it is proved. Raises Unwelcome.
    """
    if node.state == State.REFUSED:
        raise Unwelcome(_("This node may not come back: %(why)s") % {"why": node.why})
    if node.state in {State.LOST, State.GONE}:
        node.move_to(State.JOINING, why="")


def heard(node: Node) -> None:
    """A sign of life; a silent node is active again. Raises Unwelcome."""
    if node.state == State.SUSPECT:
        node.move_to(State.ACTIVE, why="")
        look_again(node)
    elif node.state in {State.JOINING, State.LOST, State.REFUSED}:
        welcome(node)


def moved(node: Node) -> None:
    """Other addresses or another certificate: nothing is read there before it was called back."""
    if node.state in {State.ACTIVE, State.SUSPECT}:
        node.move_to(State.JOINING)
        look_again(node)


def let_in(node: Node, *, prefix: str) -> None:
    """The node was reached where it says it is. Raises TransitionRefused, also where it says by
    now that it is elsewhere: the prefix found is not that of the new place.
    """
    with transaction.atomic():
        said = Node.objects.select_for_update().get(pk=node.pk)
        if (said.urls, said.certificate) != (node.urls, node.certificate):
            raise TransitionRefused(f"{node} has moved while it was called back")
        node.move_to(State.ACTIVE, prefix=prefix, why="")
        # What a lost node still holds counts again once it is proved, so it is asked at once.
        Lease.objects.filter(node=node, state=Lease.State.LOST).update(next_proof=timezone.now())
        look_again(node)


def leave(node: Node) -> None:
    """The operator wants the node to go: no new leases, and its own are copied elsewhere.

    Asking twice is harmless. Raises TransitionRefused where it cannot leave in good order.
    """
    if node.state in {State.LEAVING, State.GONE}:
        return
    with transaction.atomic():
        if node.state == State.JOINING:
            node.move_to(State.GONE)
        else:
            node.move_to(State.LEAVING)
        look_again(node)


def refuse(node: Node, *, why: str) -> None:
    """Send the node away; what it held is kept elsewhere from now on."""
    with transaction.atomic():
        node.move_to(State.REFUSED, why=why[:300])
        _lose_leases(node)


def pardon(node: Node) -> None:
    """Let a node that was sent away come back as a newcomer, with its past forgotten.

    Raises NotRefused for one that was not sent away.
    """
    if node.state != State.REFUSED:
        raise NotRefused(_("This node was not sent away."))
    newcomer = Node(peer_id=node.peer_id)
    node.move_to(State.JOINING, why="", losses=0, alpha=newcomer.alpha, beta=newcomer.beta)


def follow() -> None:
    """Notice who fell silent, who is lost, and who has nothing more to hand over."""
    now = timezone.now()
    silent = now - timedelta(seconds=settings.NODE_SUSPECT_SECONDS)
    for node in Node.objects.filter(state=State.ACTIVE, last_seen__lt=silent):
        _unless_it_moved_on(_suspect, node)
    gone = now - timedelta(seconds=settings.NODE_LOST_SECONDS)
    absent = (State.SUSPECT, State.LEAVING, State.JOINING)
    for node in Node.objects.filter(state__in=absent, last_seen__lt=gone):
        _unless_it_moved_on(_lose, node)
    for node in Node.objects.filter(state=State.LEAVING):
        _unless_it_moved_on(_finish_leaving, node)


def look_again(node: Node) -> None:
    """Have everything the node keeps counted anew."""
    kept = Lease.objects.filter(node=node).exclude(state__in=(Lease.State.ENDED, "refused"))
    Placement.objects.filter(pk__in=kept.values("placement_id")).update(looked_at=None)


def forget_spent() -> None:
    """Random numbers of requests whose time is over need no remembering."""
    SpentRequest.objects.filter(expires__lt=timezone.now()).delete()


def _unless_it_moved_on(verb: Callable[[Node], None], node: Node) -> None:
    """Another hand may have heard of the node meanwhile; then that holds."""
    try:
        with transaction.atomic():
            verb(node)
    except TransitionRefused:
        return


def _suspect(node: Node) -> None:
    node.move_to(State.SUSPECT, why=_("No sign of life."))
    look_again(node)


def _lose(node: Node) -> None:
    """Its parts are made anew elsewhere. It is forgiven three times if it comes back."""
    node.move_to(State.LOST, why=_("No sign of life."), losses=F("losses") + 1)
    _lose_leases(node)
    if node.losses > LOSSES_FORGIVEN:
        node.move_to(State.REFUSED, why=_("It was lost too often."))


def _lose_leases(node: Node) -> None:
    look_again(node)
    Lease.objects.filter(node=node).running().update(
        state=Lease.State.LOST, state_since=timezone.now(), claimed_until=None
    )


def _finish_leaving(node: Node) -> None:
    """Gone once nothing it holds is the last that is needed: all of it lies elsewhere."""
    if not Lease.objects.filter(node=node).running().exists():
        node.move_to(State.GONE)

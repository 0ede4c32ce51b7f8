"""What a node says every minute, and what it hears: how it stands, what to keep, what to drop."""

import time
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from node_bridge.network import descriptions
from node_bridge.network.statements import NotYours
from wetube.nodes import identity, presence, registering
from wetube.nodes import terms as lease_terms
from wetube.nodes.models import Lease, Node

MOST = 20  # leases told of in one answer: a signed one has half a kilobyte


@dataclass(frozen=True, slots=True)
class Answer:
    """`leases` are signed: new ends of leases the node holds; `drop` serials it may let go of."""

    state: str
    why: str
    leases: tuple[str, ...]
    drop: tuple[str, ...]
    again_in: int


def take(peer_id: str, statement: str) -> Answer:
    """A sign of life with the node's newest description.

    Raises Refused, StaleStatement, Unwelcome, and Node.DoesNotExist for one never registered.
    """
    said = descriptions.read(statement, gateway=identity.own().peer_id, now=time.time())
    if said.peer_id != peer_id:
        raise NotYours("The description is another node's.")
    with transaction.atomic():
        node = Node.objects.select_for_update().get(peer_id=peer_id)
        registering.describe(node, said)
        presence.heard(node)
        registering.call_back(node)
    return _answer(node)


def leave(peer_id: str) -> str:
    """The node asks to go in good order; its state from now on. Raises TransitionRefused."""
    with transaction.atomic():
        node = Node.objects.select_for_update().get(peer_id=peer_id)
        presence.leave(node)
    return node.state


def _answer(node: Node) -> Answer:
    held = Lease.objects.filter(node=node).held()
    untold = held.filter(Q(told_until=None) | Q(told_until__lt=F("not_after")))
    over = Lease.objects.filter(node=node, state=Lease.State.ENDING)
    return Answer(
        state=node.state,
        why=node.why,
        leases=tuple(lease_terms.signed(lease) for lease in untold.order_by("not_after")[:MOST]),
        drop=tuple(over.order_by("pk").values_list("serial", flat=True)[:MOST]),
        again_in=settings.NODE_HEARTBEAT_SECONDS,
    )

"""How a person's nodes come to this gateway: a token for the person, a statement by each node."""

import secrets
import time
from hashlib import sha256

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from node_bridge.network import descriptions
from node_bridge.network.descriptions import Description
from node_bridge.network.statements import Refused
from wetube.core.later import after_commit
from wetube.nodes import identity, presence, tasks
from wetube.nodes.models import Node, Operator
from wetube.nodes.presence import Unwelcome
from wetube.people.models import User

__all__ = [
    "ForeignNode",
    "Refused",
    "StaleStatement",
    "UnknownOperator",
    "Unwelcome",
    "call_back",
    "describe",
    "forget_token",
    "new_token",
    "operator_of",
    "register",
]

PREFIX = "wto_"
MOST_NODES = 100  # of one operator: each that joins is called back wherever it says it is


class UnknownOperator(Exception):
    """The token is nobody's."""


class ForeignNode(Exception):
    """This node belongs to somebody else already."""


class StaleStatement(Exception):
    """The node has said something newer since."""


def operator_of(user: User) -> Operator:
    """The person as an operator, made at the first asking."""
    return Operator.objects.get_or_create(user=user)[0]


def new_token(user: User) -> str:
    """A secret that registers nodes for this person; the one before counts no more.

    It is not kept and cannot be shown again.
    """
    secret = PREFIX + secrets.token_urlsafe(24)
    operator_of(user)
    Operator.objects.filter(user=user).update(token_digest=_digest(secret))
    return secret


def forget_token(user: User) -> None:
    """Nobody registers nodes for this person until there is a new token; nodes that are in stay."""
    Operator.objects.filter(user=user).update(token_digest="")


def register(statement: str, *, token: str) -> Node:
    """Take a node in by its signed description; it is called back before anything is asked of it.

    Saying it again is harmless. Raises UnknownOperator, ForeignNode, StaleStatement, Unwelcome,
    and Refused for a statement that does not count.
    """
    operator = Operator.objects.filter(token_digest=_digest(token)).first() if token else None
    if operator is None:
        raise UnknownOperator(_("This token is not known here. Make a new one on your node page."))
    said = descriptions.read(statement, gateway=identity.own().peer_id, now=time.time())
    with transaction.atomic():
        _check_room(operator, said.peer_id)
        Node.objects.get_or_create(peer_id=said.peer_id, defaults={"operator": operator})
        node = Node.objects.select_for_update().get(peer_id=said.peer_id)
        if node.operator_id != operator.pk:
            raise ForeignNode(_("This node belongs to somebody else."))
        describe(node, said)
        presence.welcome(node)
        call_back(node)
    return node


def call_back(node: Node) -> None:
    """Have a node that joins reached where it says it is."""
    if node.state == Node.State.JOINING:
        after_commit(tasks.call_back, node_id=node.pk)


def describe(node: Node, said: Description) -> None:
    """Write down what the node says of itself now; one that has moved is called back anew.

    Inside a transaction that has locked the row. Raises StaleStatement for what was said before.
    """
    if said.at <= node.last_statement:
        raise StaleStatement(_("Something newer was said before."))
    has_moved = (node.urls, node.certificate) != (list(said.urls), said.certificate)
    Node.objects.filter(pk=node.pk).update(
        urls=list(said.urls),
        certificate=said.certificate,
        capacity=said.capacity,
        free=said.free,
        bandwidth=said.bandwidth,
        hours=list(said.hours),
        prices={
            "storage": said.prices.storage,
            "delivery": said.prices.delivery,
            "compute": dict(said.prices.compute),
        },
        slots=said.slots,
        version=said.version,
        last_seen=timezone.now(),
        last_statement=said.at,
    )
    node.refresh_from_db()
    if has_moved:
        presence.moved(node)


def _check_room(operator: Operator, peer_id: str) -> None:
    """Whether the operator may have one node more; those that went in good order do not count.

    Raises Unwelcome.
    """
    Operator.objects.select_for_update().get(pk=operator.pk)
    others = Node.objects.filter(operator=operator).exclude(peer_id=peer_id)
    if others.exclude(state=Node.State.GONE).count() >= MOST_NODES:
        raise Unwelcome(_("You have as many nodes as anyone may."))


def _digest(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()

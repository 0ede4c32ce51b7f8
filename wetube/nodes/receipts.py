"""Receipts that nodes hand in: each serial counts once, by its highest receipt before its end."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from node_bridge.network import orders, statements
from wetube.nodes import identity
from wetube.nodes.models import Node, OrderLimit
from wetube.nodes.orders import room_of

MOST = 100  # receipts handed in at once


class NotAccepted(Exception):
    """A receipt that pays nothing; `reason` is the word a node's program acts on."""

    reason = "refused"


class Unsigned(NotAccepted):
    """It is no receipt, or its signature does not hold."""

    reason = "unsigned"


class Foreign(NotAccepted):
    """It is for another node, of another client, or under a limit that is not ours."""

    reason = "foreign"


class Late(NotAccepted):
    """It came after its limit ended."""

    reason = "late"


class Replayed(NotAccepted):
    """Its serial is settled; each settles once."""

    reason = "replay"


class Inflated(NotAccepted):
    """It says more than the limit allows, or than the content has."""

    reason = "inflated"


class Collusion(NotAccepted):
    """Nobody but the node's own people, or no standing paid view, is behind it."""

    reason = "collusion"


@dataclass(frozen=True)
class Verdict:
    """What became of one receipt: the bytes that count now, or why it does not."""

    serial: str
    size: int = 0
    reason: str = ""
    sentence: str = ""


def take(node: Node, tokens: Sequence[str]) -> list[Verdict]:
    """Judge each receipt this node hands in; the same one again is the same answer."""
    return [_judge(node, token) for token in tokens[:MOST]]


@transaction.atomic
def accept(node: Node, token: str) -> OrderLimit:
    """Let the receipt count; what was receipted before is never lowered. Raises NotAccepted."""
    receipt = _read(token)
    if receipt.node != node.peer_id:
        raise Foreign("This receipt is for another node.")
    limits = OrderLimit.objects.select_for_update(no_key=True, of=("self",))
    limit = limits.select_related("charge__tab__account").filter(serial=receipt.serial).first()
    if limit is None or limit.node_id != node.pk:
        raise Foreign("This gateway gave this node no such order limit.")
    _check(limit, receipt, node)
    if receipt.size > limit.received:
        limit.received, limit.receipt, limit.received_at = receipt.size, token, timezone.now()
        limit.save(update_fields=["received", "receipt", "received_at"])
    return limit


def _judge(node: Node, token: str) -> Verdict:
    try:
        limit = accept(node, token)
    except NotAccepted as refusal:
        return Verdict(_serial(token), reason=refusal.reason, sentence=str(refusal))
    return Verdict(limit.serial, size=limit.received)


def _read(token: str) -> orders.Receipt:
    try:
        return orders.read_receipt(token, now=time.time())
    except statements.Expired as error:
        raise Late(str(error)) from error
    except statements.Refused as error:
        raise Unsigned(str(error)) from error


def _check(limit: OrderLimit, receipt: orders.Receipt, node: Node) -> None:
    """Whether this receipt may count under this limit of ours. Raises NotAccepted."""
    if receipt.client != limit.client:
        raise Foreign("The receipt is signed by somebody else than the order limit names.")
    if limit.settled_at is not None:
        raise Replayed("This order limit is settled; each is settled once.")
    if limit.expires <= timezone.now():
        raise Late("The order limit ended before the receipt came.")
    _check_parties(limit, node)
    if receipt.size > limit.max_bytes:
        raise Inflated(f"The order limit allows {limit.max_bytes} bytes, not {receipt.size}.")
    if limit.charge_id is not None and receipt.size > _left(limit):
        raise Inflated("This is more than the content has.")


def _check_parties(limit: OrderLimit, node: Node) -> None:
    """Somebody else's coin must be behind it. Raises Collusion."""
    operators = Node.objects.filter(operator=node.operator_id)
    if operators.filter(peer_id=limit.client).exists():
        raise Collusion("A node does not buy from its own operator.")
    if limit.charge is None:
        if limit.client != identity.own().peer_id:
            raise Collusion("No paid view is behind this order limit.")
    elif hasattr(limit.charge, "refund"):
        raise Collusion("The view behind this order limit was given back.")
    elif limit.charge.tab.account.owner_id == node.operator.user_id:
        raise Collusion("Nobody earns by watching from a node of their own.")


def _left(limit: OrderLimit) -> int:
    """Bytes of the content that this node was not receipted for, for this view, by other limits."""
    others = OrderLimit.objects.filter(charge=limit.charge_id, node=limit.node_id)
    had = others.exclude(pk=limit.pk).aggregate(sum=Sum("received"))["sum"] or 0
    # Content that is gone since was as big as its limits said.
    room = room_of(limit.root) or max(others.values_list("max_bytes", flat=True))
    return room - had


def _serial(token: str) -> str:
    """The serial a refused receipt names, for the answer; "" when it cannot be believed."""
    try:
        return orders.read_receipt(token, now=0).serial
    except statements.Refused:
        return ""

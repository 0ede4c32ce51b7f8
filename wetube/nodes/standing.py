"""What work does to a node's reputation, by the formula that proofs share (reputation.py)."""

from django.db import transaction
from django.utils.translation import gettext as _

from wetube.core.states import TransitionRefused
from wetube.nodes import presence, reputation
from wetube.nodes.models import Node
from wetube.nodes.models.operators import MICRO

BROKE_OFF = MICRO // 2  # silent, slow or late: the work is done elsewhere, and time was lost
WRONG = 2 * MICRO  # returned what is not the work: a newcomer may do so once


def may_work(node: Node) -> bool:
    return reputation.is_enough(node.alpha, node.beta)


def did_well(node: Node | None) -> None:
    """A result was accepted."""
    _count(node, good=MICRO, bad=0)


def broke_off(node: Node | None) -> None:
    """A job lapsed with this node."""
    _count(node, good=0, bad=BROKE_OFF)


def did_wrong(node: Node | None) -> None:
    """A result was refused; a node with too little trust left is sent away."""
    _count(node, good=0, bad=WRONG)


@transaction.atomic
def _count(node: Node | None, *, good: int, bad: int) -> None:
    if node is None:  # it was forgotten meanwhile
        return
    node = Node.objects.select_for_update().get(pk=node.pk)
    node.alpha = node.alpha * reputation.KEPT // reputation.OF + good
    node.beta = node.beta * reputation.KEPT // reputation.OF + bad
    node.save(update_fields=["alpha", "beta"])
    if may_work(node):
        return
    try:
        with transaction.atomic():
            presence.refuse(node, why=_("It returned wrong work or none too often."))
    except TransitionRefused:
        return  # it has gone by itself

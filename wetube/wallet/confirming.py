"""How many more blocks something on chain waits for before it counts."""

from django.db.models import Max
from django.utils.translation import ngettext

from wetube.chain import deployment
from wetube.chain.models import SeenBlock


def blocks(block_number: int) -> int:
    """Blocks still to come until what happened in this one is final; at least one."""
    place = deployment.current()
    head = SeenBlock.objects.aggregate(newest=Max("number"))["newest"] or block_number
    return max(1, (place.confirmations if place else 1) - (head - block_number + 1))


def sentence(block_number: int) -> str:
    """What something in this block waits for."""
    return waiting_for(blocks(block_number))


def waiting_for(count: int) -> str:
    text = ngettext("waiting for %(count)d more block", "waiting for %(count)d more blocks", count)
    return text % {"count": count}

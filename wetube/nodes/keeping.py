"""Keeping alive: anybody may pay for a content to be kept until a later date."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from django.conf import settings
from django.db import transaction
from django.db.models import Avg
from django.utils import timezone
from django.utils.translation import gettext as _

from node_bridge.network import leases
from wetube.content.models import Content
from wetube.nodes import earnings
from wetube.nodes.earnings import InsufficientFunds
from wetube.nodes.models import Keeping, Lease, Placement
from wetube.people.models import User

__all__ = ["InsufficientFunds", "NotKept", "Price", "TooLong", "pay", "price"]

MOST_DAYS = 366


class NotKept(Exception):
    """No node keeps this content, so there is nothing to pay for."""


class TooLong(ValueError):
    """A payment is for one day at least and a year at most."""


@dataclass(frozen=True, slots=True)
class Price:
    """What so many days cost, in drops, and until when the content is paid for then."""

    amount: int
    until: datetime


def price(root: str, *, days: int) -> Price:
    """All wanted copies, at what their nodes ask now; one drop at least.

    Raises NotKept, TooLong.
    """
    if not 1 <= days <= MOST_DAYS:
        raise TooLong(_("Pay for one day at least and for a year at most."))
    placement = Placement.objects.standing().filter(root=root).first()
    if placement is None:
        raise NotKept(_("No node keeps this."))
    running = Lease.objects.filter(placement=placement).running()
    asked = running.aggregate(price=Avg("price"))["price"]
    each = settings.STORAGE_PRICE_LIMIT if asked is None else int(asked)
    lasting = timedelta(days=days)
    worth = leases.worth(price=each, size=placement.size, seconds=int(lasting.total_seconds()))
    since = max(placement.paid_until or timezone.now(), timezone.now())
    return Price(max(1, worth * placement.wanted), since + lasting)


@transaction.atomic
def pay(user: User, root: str, *, days: int, reference: str = "") -> Keeping:
    """Pay from the person's account to the nodes', once per reference.

    Raises NotKept, TooLong, InsufficientFunds: then nothing has moved.
    """
    reference = reference or token_hex(16)
    placement = Placement.objects.select_for_update().filter(root=root).first()
    made = Keeping.objects.filter(reference=reference).first()
    if made:
        return made
    due = price(root, days=days)
    content = Content.objects.filter(cid=root).first()
    if placement is None or content is None:
        raise NotKept(_("No node keeps this."))
    earnings.pay_for_keeping(user, amount=due.amount, reference=reference)
    Placement.objects.filter(pk=placement.pk).update(paid_until=due.until)
    return Keeping.objects.create(
        content=content, payer=user, amount=due.amount, until=due.until, reference=reference
    )

"""Splitting: what a view pays the nodes goes to those that served it, by receipted bytes.

A node served a viewer itself, or the gateway on its way to viewers. What the gateway fetched
is shared out to the views it then served, each byte once; the gateway's own part stays with the
nodes' account, which pays for keeping and computing. A view is split when no order limit of it
runs any more, a refunded one never.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q
from django.utils import timezone

from wetube.cloudcoin import ledger, portions
from wetube.cloudcoin.models import Charge, ChargeQuerySet, Rollup
from wetube.content.models import Delivery, Pin
from wetube.nodes import earnings
from wetube.nodes.earnings import NotCovered
from wetube.nodes.models import Earning, Node, OrderLimit, ViewPart, ViewSplit

logger = logging.getLogger(__name__)

QUIET = timedelta(minutes=20)  # after a view, bytes may still be on their way
MOST = 500  # views split by one run
OURS = ""  # the gateway's own place among those who served


def split_due(now: datetime | None = None) -> int:
    """Split every view whose work is known; how many were. What is not covered waits."""
    done = 0
    for charge in list(due(now)[:MOST]):
        try:
            done += split(charge) is not None
        except NotCovered as short:
            logger.warning("View %s waits to be split: %s", charge.key, short)
    return done


def due(now: datetime | None = None) -> ChargeQuerySet:
    """Views with work of nodes behind them that is not paid, and no more to come."""
    now = now or timezone.now()
    film = Pin.objects.filter(holder=OuterRef(OuterRef("subject"))).values("content__cid")
    running = OrderLimit.objects.filter(expires__gt=now)
    own = running.filter(charge=OuterRef("pk"))
    gateway_s = running.filter(charge=None, root__in=film)
    over = Q(at__lt=now - _waits()) | ~Exists(gateway_s)
    settled = awaited(Charge.objects.all(), now).exclude(rollup=None)
    return settled.filter(over, ~Exists(own), at__lt=now - QUIET).order_by("pk")


def awaited(charges: ChargeQuerySet, now: datetime | None = None) -> ChargeQuerySet:
    """Those of these views that nodes may have a part of that is not paid yet."""
    now = now or timezone.now()
    views = charges.standing().filter(kind=Charge.Kind.VIEW, split=None)
    return views.filter(_ordered(now) | _through_us(now))


@transaction.atomic
def split(charge: Charge) -> ViewSplit | None:
    """Split one view's nodes' share and pay each part, once; None if no node has one.

    Largest remainder, exact to the drop. Raises NotCovered when the nodes hold too little: then
    nothing was moved.
    """
    ledger.open_book()
    charge = Charge.objects.select_related("refund", "split", "rollup").get(pk=charge.pk)
    if hasattr(charge, "split"):
        return charge.split
    limits = OrderLimit.objects.select_for_update(no_key=True).order_by("pk")
    mine = list(limits.filter(charge=charge))
    _settle(mine)
    if hasattr(charge, "refund") or charge.rollup is None:
        return None
    served = _receipted(mine)
    delivered = _delivered(charge)
    fetched = _share_out(list(limits.filter(_fetched_for(charge))), delivered)
    served.update(fetched)
    if not served:
        return None
    return _keep(charge, served, own=delivered - sum(fetched.values()))


def _keep(charge: Charge, served: Mapping[int, int], *, own: int) -> ViewSplit:
    """The split with its parts, each paid."""
    weights = {str(node): size for node, size in served.items()} | {OURS: own}
    shares = portions.divide(charge.nodes_share, weights)
    made = ViewSplit.objects.create(charge=charge, size=own, at=timezone.now())
    for node in Node.objects.filter(pk__in=served).select_related("operator__user").order_by("pk"):
        amount = shares.get(str(node.pk), 0)
        ViewPart.objects.create(
            split=made,
            node=node,
            account=ledger.account_of(node.operator.user),
            size=served[node.pk],
            amount=amount,
            earning=_pay(charge, node, amount),
        )
    return made


def _pay(charge: Charge, node: Node, amount: int) -> Earning | None:
    if not amount:
        return None
    reference = f"view:{charge.key}:{node.key}"
    return earnings.earn(node, Earning.Kind.BANDWIDTH, amount=amount, reference=reference)


def _settle(limits: Sequence[OrderLimit]) -> None:
    OrderLimit.objects.filter(pk__in=[limit.pk for limit in limits]).update(
        settled_at=timezone.now()
    )


def _receipted(limits: Sequence[OrderLimit]) -> Counter[int]:
    """Bytes by node, of all its limits together."""
    served: Counter[int] = Counter()
    for limit in limits:
        served[limit.node_id] += limit.received
    return +served


def _delivered(charge: Charge) -> int:
    """Bytes the gateway itself sent for this view."""
    return Delivery.objects.filter(key=charge.key).values_list("size", flat=True).first() or 0


def _share_out(reads: Sequence[OrderLimit], delivered: int) -> Counter[int]:
    """Of what the gateway fetched and no view has paid, at most `delivered` bytes; oldest first."""
    taken: Counter[int] = Counter()
    left = delivered
    for limit in reads:
        size = min(left, limit.received - limit.spread)
        if size > 0:
            OrderLimit.objects.filter(pk=limit.pk).update(spread=F("spread") + size)
            taken[limit.node_id] += size
            left -= size
    return taken


def _fetched_for(charge: Charge) -> Q:
    """The gateway's own reads of this view's film, around the time it was watched."""
    roots = Pin.objects.filter(holder=charge.subject).values("content__cid")
    until = charge.at + timedelta(seconds=settings.VIEW_SPLIT_SECONDS)
    unpaid = Q(charge=None, received__gt=F("spread"))
    return unpaid & Q(root__in=roots, issued__lte=until, expires__gte=charge.at)


def _ordered(now: datetime) -> Q:
    """Views with order limits that are not settled; none before the first such is looked at."""
    unsettled = OrderLimit.objects.filter(settled_at=None, charge__isnull=False)
    limits = unsettled.filter(Q(received__gt=0) | Q(expires__gt=now))
    first = limits.aggregate(first=Min("charge"))["first"]
    if first is None:
        return Q(pk__in=())
    return Q(Exists(limits.filter(charge=OuterRef("pk"))), pk__gte=first)


def _through_us(now: datetime) -> Q:
    """Views of films that the gateway fetched bytes of which no view has paid."""
    reads = OrderLimit.objects.filter(charge=None, received__gt=F("spread"))
    lately = reads.filter(issued__gt=now - 3 * _waits())
    first = lately.aggregate(first=Min("issued"))["first"]
    if first is None:
        return Q(pk__in=())
    holders = Pin.objects.filter(content__cid__in=lately.values("root")).values("holder")
    delivered = Delivery.objects.filter(key=OuterRef("key"), size__gt=0)
    after = _charges_before(first - _waits())
    return Q(Exists(delivered), pk__gt=after, subject__in=holders)


def _waits() -> timedelta:
    return timedelta(seconds=settings.VIEW_SPLIT_SECONDS)


def _charges_before(moment: datetime) -> int:
    """A charge's id from before this moment; 0 if there is none."""
    rollups = Rollup.objects.filter(at__lt=moment, last__isnull=False).order_by("-pk")
    return rollups.values_list("last", flat=True).first() or 0

"""Which channels are to be claimed of: those that owe enough, or long, or whose payer leaves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import BigIntegerField, F, OuterRef, Q, Subquery
from django.db.models.functions import Least
from django.utils import timezone

from wetube.cloudcoin.models import Charge, Escrow
from wetube.settlement.models import ClaimRow

MOST = 100
LOOKED_AT = 1000
# A part of the payer's delay: what is older is claimed however little it is.
OLD = 4


@dataclass(frozen=True)
class Line:
    """One channel's claim: up to `total` drops since it began."""

    escrow: Escrow
    total: int


def lines(most: int = MOST) -> list[Line]:
    """At most so many, those first whose payers take their coin back."""
    now = timezone.now()
    found: list[Line] = []
    for escrow in _owing():
        if len(found) == most:
            break
        if _is_due(escrow, now):
            found.append(Line(escrow, escrow.total))  # type: ignore[attr-defined]  # annotated
    return found


def somebody_leaves() -> bool:
    """Whether a payer is taking coin back; what it signed for has to be claimed before."""
    return Escrow.objects.filter(state=Escrow.State.FROZEN).exists() and bool(lines(1))


def _owing() -> Iterator[Escrow]:
    """Escrows that owe more than was claimed, are in no claim on its way and not quarantined.

    No more than what the chain has confirmed can be claimed, and no more than is signed for.
    """
    oldest = Charge.objects.filter(
        tab=OuterRef("tab"), cumulative__gt=OuterRef("claimed")
    ).order_by("cumulative")
    busy = ClaimRow.objects.filter(
        Q(run__ended=False) | Q(run=None, again_at__gt=timezone.now())
    ).values("escrow")
    owing = Escrow.objects.annotate(
        total=Least(
            F("tab__charged") - F("tab__refunded"),
            F("signed"),
            F("deposited"),
            output_field=BigIntegerField(),
        ),
        since=Subquery(oldest.values("at")[:1]),
    ).filter(total__gt=F("claimed"))
    # Who leaves soonest stands first, then who owes most.
    order = (F("withdraw_at").asc(nulls_last=True), (F("claimed") - F("total")).asc())
    yield from owing.exclude(pk__in=busy).order_by(*order)[:LOOKED_AT]


def _is_due(escrow: Escrow, now: datetime) -> bool:
    total: int = escrow.total  # type: ignore[attr-defined]  # annotated
    since: datetime | None = escrow.since  # type: ignore[attr-defined]  # annotated
    if escrow.state == Escrow.State.FROZEN or total - escrow.claimed >= settings.CLAIM_DROPS:
        return True
    delay = timedelta(seconds=int(escrow.config["withdrawDelay"]))
    return since is not None and now - since > delay / OLD

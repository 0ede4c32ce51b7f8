"""Charges as people ask about them: is it paid, what was it, where did the coin go."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from wetube.cloudcoin.models import Charge, ChargeQuerySet, Tab
from wetube.people.models import User

A_PAGE = 100


@dataclass(frozen=True)
class Leg:
    """Who got how many drops of a charge; `ppm` is the share's rate in millionths.

    `payee` is creator, nodes or gateway; `begins` is where its piece of the whole begins, in %.
    """

    payee: str
    name: str
    amount: int
    ppm: int
    begins: float

    @property
    def percent(self) -> float:
        return self.ppm / 10_000


@dataclass(frozen=True)
class Server:
    """Who sent how many bytes of what was paid, and had how many drops of the nodes' share.

    `name` is "" for this gateway, whose part stays with the nodes' account. `price` is what it
    asks for a GiB, in drops; None where it names none.
    """

    name: str
    size: int
    amount: int
    price: int | None


@dataclass(frozen=True)
class Receipt:
    """Where the coin of one charge went, to the drop; `served` is empty until that is known."""

    charge: Charge
    legs: tuple[Leg, ...]
    settled: bool
    refunded: bool
    served: tuple[Server, ...] = ()


def nobody(charge: Charge) -> tuple[Server, ...]:
    """Without other nodes there is nobody to name."""
    return ()


# Who served a charge; the app of the nodes puts its own answer here, in its `ready`.
SERVED: Callable[[Charge], tuple[Server, ...]] = nobody


def of(user: User) -> ChargeQuerySet:
    """All the person was ever charged, the newest first."""
    mine = Charge.objects.filter(tab__account__owner=user)
    return mine.select_related("refund", "payee__owner").order_by("-at", "-pk")


def total(charges: ChargeQuerySet) -> int:
    """Drops of all these charges that were not given back."""
    return int(charges.standing().aggregate(sum=Sum("amount"))["sum"] or 0)


def paid(*, user: User, subject: str) -> Charge | None:
    """The charge that lets the person in: not refunded, and of the last PAID_HOURS."""
    since = timezone.now() - timedelta(hours=settings.PAID_HOURS)
    tabs = Tab.objects.filter(account__owner=user).values_list("pk", flat=True)
    charged = [found for tab in tabs if (found := _newest(tab, subject, since))]
    return max(charged, key=lambda charge: charge.at, default=None)


def _newest(tab: int, subject: str, since: datetime) -> Charge | None:
    """Looked for from the tab's end: only what was charged since then is read."""
    rows = Charge.objects.filter(tab=tab).select_related("refund").order_by("-cumulative")
    page = list(rows[:A_PAGE])
    while page:
        for charge in page:
            if charge.at < since:
                return None
            if charge.subject == subject and not hasattr(charge, "refund"):
                return charge
        page = list(rows.filter(cumulative__lt=page[-1].cumulative)[:A_PAGE])
    return None


def receipt(charge: Charge) -> Receipt:
    """The split of this charge; its legs sum to its amount."""
    card, owner = charge.ratecard, charge.payee.owner
    name = owner.display_name if owner else ""
    return Receipt(
        charge=charge,
        legs=(
            Leg("creator", name, charge.payee_share, card.payee_ppm, 0),
            Leg("nodes", "", charge.nodes_share, card.nodes_ppm, card.payee_ppm / 10_000),
            Leg(
                "gateway",
                "",
                charge.gateway_share,
                card.gateway_ppm,
                100 - card.gateway_ppm / 10_000,
            ),
        ),
        settled=charge.rollup_id is not None,
        refunded=hasattr(charge, "refund"),
        served=SERVED(charge),
    )

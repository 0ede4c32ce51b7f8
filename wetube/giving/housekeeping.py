"""What the operator should know waits: charges, payouts, pots."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from wetube.cloudcoin.models import Charge
from wetube.giving import spreading
from wetube.giving.models import Pot
from wetube.settlement.models import PayoutRoot, Withdrawal


@dataclass(frozen=True)
class OnItsWay:
    """Counts, and drops where a name says so; `root` is the number of the newest payout root."""

    charges: int
    charged_drops: int
    asked: int
    asked_drops: int
    rooted: int
    rooted_drops: int
    root: int | None
    pots: int
    pot_drops: int
    pots_due: int


def on_its_way() -> OnItsWay:
    """Five queries."""
    charges = Charge.objects.unsettled().aggregate(count=Count("pk"), drops=Sum("amount"))
    states = Withdrawal.objects.values_list("state").order_by()
    waiting = {
        state: (n, int(sum_)) for state, n, sum_ in states.annotate(Count("pk"), Sum("amount"))
    }
    asked = waiting.get(Withdrawal.State.ASKED, (0, 0))
    rooted = waiting.get(Withdrawal.State.ROOTED, (0, 0))
    pots = Pot.objects.filter(state=Pot.State.ON).aggregate(count=Count("pk"), drops=Sum("amount"))
    return OnItsWay(
        charges=charges["count"],
        charged_drops=int(charges["drops"] or 0),
        asked=asked[0],
        asked_drops=asked[1],
        rooted=rooted[0],
        rooted_drops=rooted[1],
        root=PayoutRoot.objects.order_by("-seq").values_list("seq", flat=True).first(),
        pots=pots["count"],
        pot_drops=int(pots["drops"] or 0),
        pots_due=spreading.due().count(),
    )

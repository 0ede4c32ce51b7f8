"""Who served paid views. Today one node serves all: this gateway's own, which earns for the vault.

`BY` is where other nodes' receipts will come in: it is asked for the work of a range of charges.
"""

from collections.abc import Callable, Sequence

from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from wetube.chain import deployment
from wetube.cloudcoin.models import Charge, ChargeQuerySet
from wetube.content.models import Delivery
from wetube.settlement.emission import Work


def by_this_gateway(charges: ChargeQuerySet) -> Sequence[Work]:
    """Bytes the gateway delivered for these charges; a view that got none counts for nothing."""
    delivered = Delivery.objects.filter(key=OuterRef("key")).values("size")
    served = charges.annotate(bytes=Coalesce(Subquery(delivered[:1]), 0)).filter(bytes__gt=0)
    sums = served.aggregate(served=Sum("bytes"), paid=Sum("amount"))
    return [
        Work(
            address=deployment.required().vault,
            served=int(sums["served"] or 0),
            paid=int(sums["paid"] or 0),
        )
    ]


BY: Callable[[ChargeQuerySet], Sequence[Work]] = by_this_gateway


def views_between(after: int, upto: int) -> ChargeQuerySet:
    """Views paid by charges with these ids, the first excluded, that were not given back."""
    views = Charge.objects.standing().filter(kind=Charge.Kind.VIEW)
    return views.filter(pk__gt=after, pk__lte=upto)

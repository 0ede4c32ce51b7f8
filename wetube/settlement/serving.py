"""Who served paid views: this gateway, which earns for the vault, and others where `BY` knows any.

The app of the nodes puts its own answers into `BY` and `IS_KNOWN`, in its `ready`.
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
    sums = served.aggregate(served=Sum("bytes"), fee=Sum("gateway_share"))
    if not sums["served"]:
        return []
    vault = deployment.required().vault
    return [Work(address=vault, served=int(sums["served"]), fee=int(sums["fee"]))]


def at_once(charges: ChargeQuerySet) -> bool:
    """What this gateway delivered it has counted; nothing is waited for."""
    return True


# The work behind these views.
BY: Callable[[ChargeQuerySet], Sequence[Work]] = by_this_gateway
# Whether all of it is known: an epoch is counted no sooner.
IS_KNOWN: Callable[[ChargeQuerySet], bool] = at_once


def views_between(after: int, upto: int) -> ChargeQuerySet:
    """Views paid by charges with these ids, the first excluded, that were not given back."""
    views = Charge.objects.standing().filter(kind=Charge.Kind.VIEW)
    return views.filter(pk__gt=after, pk__lte=upto)

"""What nodes did for paid views, as the epochs ask: bytes served and the fee lost, view by view."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from wetube.chain import deployment
from wetube.cloudcoin.models import ChargeQuerySet
from wetube.nodes import splitting
from wetube.nodes.models import ViewSplit
from wetube.settlement import serving
from wetube.settlement.emission import Work
from wetube.settlement.models import StandingOrder

LONGEST = timedelta(hours=1)  # past its time, a view that cannot be split holds up no epoch


def by_nodes(charges: ChargeQuerySet) -> Sequence[Work]:
    """The work behind these views: of each node its part of each, all else is the gateway's.

    New coin goes where the operator's standing order sends it; who has none leaves it to the
    gateway's vault. A view's fee is counted once, in proportion to who served it.
    """
    vault = deployment.required().vault
    operators = StandingOrder.objects.filter(account__view_parts__isnull=False)
    addresses = dict(operators.values_list("account", "address"))
    splits = ViewSplit.objects.filter(charge__in=charges).select_related("charge")
    works: list[Work] = []
    for split in splits.prefetch_related("parts").order_by("pk").iterator(chunk_size=500):
        sizes = [(addresses.get(part.account_id, vault), part.size) for part in split.parts.all()]
        sizes.append((vault, split.size))
        whole, fee = sum(size for _, size in sizes), split.charge.gateway_share
        works.extend(Work(who, size, fee * size // whole) for who, size in sizes if size)
    return [*works, *serving.by_this_gateway(charges.filter(split=None))]


def is_known(charges: ChargeQuerySet) -> bool:
    """Whether all that nodes did for these views is split, or too old to be waited for."""
    waits = timedelta(seconds=settings.VIEW_SPLIT_SECONDS) + LONGEST
    return not splitting.awaited(charges.filter(at__gt=timezone.now() - waits)).exists()

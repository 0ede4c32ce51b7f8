"""The roll-up: many charges become one balanced journal, and what was held leaves the payers."""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Max, Min, Sum
from django.utils import timezone

from wetube.cloudcoin import ledger
from wetube.cloudcoin.guarded import rewritten
from wetube.cloudcoin.models import Account, Charge, Journal, Rollup

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 10_000


def roll_up() -> int:
    """Settle all charges that wait; returns how many. Safe to run twice, and twice at once."""
    settled = 0
    while count := _roll_up_some():
        settled += count
    if settled:
        logger.info("Rolled up %d charges", settled)
    return settled


@transaction.atomic
def _roll_up_some() -> int:
    """The charges are marked first and summed by the mark: those that commit meanwhile wait."""
    ledger.open_book()
    waiting = Charge.objects.unsettled().order_by("pk").values_list("pk", flat=True)
    if not waiting.exists():
        return 0
    rollup = Rollup.objects.create(at=timezone.now())
    count = rewritten(Charge.objects.filter(pk__in=waiting[:MOST_AT_ONCE]), rollup=rollup)
    ends = rollup.charges.aggregate(first=Min("pk"), last=Max("pk"))
    owed = _sums(rollup)
    journal = ledger.post(
        reference=f"rollup:{ends['first']}-{ends['last']}",
        kind=Journal.Kind.ROLLUP,
        entries=[(account, -drops) for account, drops in owed.items()] + _incomes(rollup),
        released=owed,
    )
    rewritten(Rollup.objects.filter(pk=rollup.pk), journal=journal, **ends)
    return count


def _sums(rollup: Rollup) -> dict[Account, int]:
    """What each payer owes."""
    sums = rollup.charges.values_list("tab__account").annotate(Sum("amount")).order_by()
    return dict(_by_account(sums))


def _incomes(rollup: Rollup) -> list[tuple[Account, int]]:
    """What each payee, the nodes and the gateway get; who gets nothing has no entry."""
    sums = rollup.charges.values_list("payee").annotate(Sum("payee_share")).order_by()
    shares = rollup.charges.aggregate(
        Count("pk"), nodes=Sum("nodes_share"), gateway=Sum("gateway_share")
    )
    legs = [
        *_by_account(sums),
        (ledger.house(Account.Kind.NODES), int(shares["nodes"])),
        (ledger.house(Account.Kind.GATEWAY), int(shares["gateway"])),
    ]
    return [(account, drops) for account, drops in legs if drops]


def _by_account(sums: Iterable[tuple[int, int]]) -> list[tuple[Account, int]]:
    # SUM over bigint is numeric in PostgreSQL and comes as Decimal.
    drops_of = {pk: int(drops) for pk, drops in sums}
    return [(account, drops_of[account.pk]) for account in Account.objects.filter(pk__in=drops_of)]

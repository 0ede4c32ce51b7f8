"""How a balance came about: what came in, what went out, and the sum that is free to spend."""

from dataclasses import dataclass

from django.db.models import Q, Sum

from wetube.cloudcoin.models import Account, Entry, Journal


@dataclass(frozen=True)
class Statement:
    """Drops, each as it counts towards `available`: what went out is negative."""

    granted: int
    deposited: int
    transferred: int
    tokens: int
    withdrawn: int
    earned: int
    earned_by_nodes: int
    kept: int
    refunded: int
    given_back: int
    spent: int
    available: int


def of(account: Account) -> Statement:
    """One query besides the account and its tab; all parts sum to `available`."""
    kind, sign = Journal.Kind, {"in": Q(amount__gt=0), "out": Q(amount__lt=0)}
    parts = {
        "granted": Q(journal__kind=kind.GRANT),
        # What the chain took back was no deposit after all.
        "deposited": Q(journal__kind__in=(kind.DEPOSIT, kind.REORG)),
        "transferred": Q(journal__kind=kind.TRANSFER),
        "tokens": Q(journal__kind=kind.TOKENS),
        "withdrawn": Q(journal__kind=kind.WITHDRAWAL),
        "earned": Q(journal__kind=kind.ROLLUP) & sign["in"],
        "earned_by_nodes": Q(journal__kind=kind.EARNING),
        "kept": Q(journal__kind=kind.KEEPING),
        "refunded": Q(journal__kind=kind.REFUND) & sign["in"],
        "given_back": Q(journal__kind=kind.REFUND) & sign["out"],
    }
    sums = Entry.objects.filter(account=account).aggregate(
        **{name: Sum("amount", filter=part) for name, part in parts.items()}
    )
    drops = {name: int(value or 0) for name, value in sums.items()}
    return Statement(**drops, spent=-account.tab.charged, available=account.available)

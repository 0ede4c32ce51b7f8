"""Invariant of what nodes earn: I13."""

from collections.abc import Iterator

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from wetube.cloudcoin.findings import Broken
from wetube.cloudcoin.models import Account, Journal
from wetube.nodes.models import Earning, ViewPart, ViewSplit


def earnings_are_journals() -> Iterator[Broken]:
    """I13: each earning is one journal from the nodes to its operator, and no other is of work."""
    to_operator = Q(journal__entries__account=F("account"))
    from_nodes = Q(journal__entries__account__kind=Account.Kind.NODES)
    moved = Earning.objects.annotate(
        got=Coalesce(Sum("journal__entries__amount", filter=to_operator), 0),
        gave=Coalesce(Sum("journal__entries__amount", filter=from_nodes), 0),
    )
    right = Q(got=F("amount"), gave=-F("amount"), journal__kind=Journal.Kind.EARNING)
    for earning in moved.exclude(right).order_by("pk"):
        finding = f"says {earning.amount}, its journal moved {earning.got}"
        yield Broken("I13", f"earning {earning.reference}", finding)
    strays = Journal.objects.filter(kind=Journal.Kind.EARNING, earning=None)
    for journal in strays.order_by("pk"):
        yield Broken("I13", f"journal {journal.reference}", "pays for work that nobody did")


def views_are_split_to_the_drop() -> Iterator[Broken]:
    """I13: a view's parts are no more than its nodes' share, and each is paid as it was split."""
    given = ViewSplit.objects.annotate(given=Coalesce(Sum("parts__amount"), 0))
    for split in given.filter(given__gt=F("charge__nodes_share")).select_related("charge"):
        finding = f"gave {split.given} of {split.charge.nodes_share}"
        yield Broken("I13", f"view {split.charge.key}", finding)
    paid = ViewPart.objects.annotate(paid=Coalesce(F("earning__amount"), 0))
    for part in paid.exclude(amount=F("paid")).select_related("split__charge"):
        finding = f"owes {part.amount} for {part.size} bytes, paid were {part.paid}"
        yield Broken("I13", f"view {part.split.charge.key}", finding)

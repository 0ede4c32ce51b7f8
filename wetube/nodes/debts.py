"""Debts between nodes: who fetches from another owes it coin, and the gateway nets them.

A debt is one growing number for each pair and direction, signed by the debtor. It counts only as
far as the debtor's operator has coin for it. Netting moves the difference of both directions from
one operator to the other, to the drop: every hour, and at once where more is open than CREDIT, for
coin that is here now may be gone then.
"""

import logging
import time
from collections.abc import Iterator

from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils import timezone

from node_bridge.network import orders, statements
from wetube.cloudcoin import ledger
from wetube.cloudcoin.refusals import InsufficientFunds
from wetube.nodes.models import Node, NodeDebt
from wetube.people.models import User

CREDIT = 1_000_000  # drops that one node may owe another until the hour is over

logger = logging.getLogger(__name__)


class DebtRefused(Exception):
    """This debt does not count; the creditor serves no more for it."""


def accept(creditor: Node, token: str) -> NodeDebt:
    """Note the debtor's word; a lower one than before changes nothing. Raises DebtRefused."""
    try:
        said = orders.read_debt(token, to=creditor.peer_id, now=time.time())
    except statements.Refused as error:
        raise DebtRefused(str(error)) from error
    debtor = Node.objects.serving().filter(peer_id=said.debtor).select_related("operator").first()
    if debtor is None:
        raise DebtRefused("This gateway knows no such node that is there.")
    if debtor.operator_id == creditor.operator_id:
        raise DebtRefused("Nodes of one operator owe each other nothing.")
    with transaction.atomic():
        account = ledger.account_of(debtor.operator.user)
        ledger.open_book()
        NodeDebt.objects.get_or_create(debtor=debtor, creditor=creditor)
        debt = NodeDebt.objects.select_for_update().get(debtor=debtor, creditor=creditor)
        if said.total <= debt.total:
            return debt
        account.refresh_from_db()
        if _owed(debtor) + said.total - debt.total > account.available:
            raise DebtRefused("The debtor's operator has not enough coin for this.")
        debt.total, debt.statement, debt.at = said.total, token, timezone.now()
        debt.save(update_fields=["total", "statement", "at"])
        if debt.total - debt.settled > CREDIT:
            _net(debtor.pk, creditor.pk)
            debt.refresh_from_db()
        return debt


def net() -> int:
    """Settle what stands between each two nodes; drops moved in all. What is not covered waits."""
    return sum(_net(one, other) for one, other in list(_pairs()))


def settle_all_of(user: User) -> None:
    """What the nodes of somebody who leaves owe and are owed, before they are forgotten."""
    ours = Q(debtor__operator__user=user) | Q(creditor__operator__user=user)
    for one, other in list(_pairs(ours)):
        _net(one, other)


def _pairs(rows: Q | None = None) -> Iterator[tuple[int, int]]:
    """Each two nodes between which something is unsettled, once."""
    open_ones = NodeDebt.objects.filter(rows or Q(), total__gt=F("settled")).order_by("pk")
    pairs = open_ones.values_list("debtor", "creditor")
    yield from sorted({(min(pair), max(pair)) for pair in pairs})


@transaction.atomic
def _net(one: int, other: int) -> int:
    ledger.open_book()
    rows = NodeDebt.objects.select_for_update(of=("self",)).select_related(
        "debtor__operator__user", "creditor__operator__user"
    )
    both = list(rows.filter(debtor__in=(one, other), creditor__in=(one, other)).order_by("pk"))
    if not both:  # one of them was forgotten meanwhile
        return 0
    first = both[0]
    balance = sum(
        (debt.total - debt.settled) * (1 if debt.debtor_id == first.debtor_id else -1)
        for debt in both
    )
    payer, payee = (first.debtor, first.creditor) if balance > 0 else (first.creditor, first.debtor)
    try:
        if balance:
            ledger.transfer(
                payer=ledger.account_of(payer.operator.user),
                payee=ledger.account_of(payee.operator.user),
                amount=abs(balance),
                reference="debt:" + ":".join(f"{debt.pk}-{debt.total}" for debt in both),
            )
    except InsufficientFunds as short:
        logger.warning("A debt of node %s waits: %s drops are missing", payer.key, short.missing)
        return 0
    for debt in both:
        NodeDebt.objects.filter(pk=debt.pk).update(settled=debt.total)
    return abs(balance)


def _owed(debtor: Node) -> int:
    """Drops that all nodes of the debtor's operator owe and have not settled."""
    debts = NodeDebt.objects.filter(debtor__operator=debtor.operator_id)
    return debts.aggregate(sum=Sum(F("total") - F("settled")))["sum"] or 0

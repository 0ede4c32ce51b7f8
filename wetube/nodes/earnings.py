"""Earnings: coin goes from the nodes' account to whoever runs the node, once for each task."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import TruncDate

from wetube.cloudcoin import ledger, limits
from wetube.cloudcoin.models import Account, Journal
from wetube.cloudcoin.refusals import BadAmount, InsufficientFunds, ReferenceReused
from wetube.nodes.models import Earning, Node
from wetube.people.models import User

__all__ = [
    "BadAmount",
    "DayEarned",
    "Earned",
    "InsufficientFunds",
    "NotCovered",
    "ReferenceReused",
    "by_day",
    "earn",
    "of",
    "pay_for_keeping",
]


class NotCovered(Exception):
    """The nodes' account holds less than is due now: ask again when viewers have paid more."""


@dataclass(frozen=True)
class Earned:
    """Drops by task."""

    storage: int = 0
    bandwidth: int = 0
    computation: int = 0

    @property
    def total(self) -> int:
        return self.storage + self.bandwidth + self.computation


@dataclass(frozen=True)
class DayEarned:
    """What one day (UTC) brought."""

    day: date
    earned: Earned


@transaction.atomic
def earn(node: Node, kind: Earning.Kind, *, amount: int, reference: str) -> Earning:
    """Pay the node's operator for one task, once per reference.

    Asking again with the same reference returns the first payment and moves nothing.
    Raises BadAmount, ReferenceReused, NotCovered: then nothing was moved.
    """
    if amount <= 0:
        raise BadAmount(amount)
    account = ledger.account_of(node.operator.user)
    ledger.open_book()
    made = Earning.objects.filter(reference=reference).first()
    if made:
        return _same(made, (node.pk, kind, amount))
    try:
        journal = ledger.post(
            reference=f"earning:{reference}",
            kind=Journal.Kind.EARNING,
            entries=[(ledger.house(Account.Kind.NODES), -amount), (account, amount)],
        )
    except InsufficientFunds as short:
        raise NotCovered(f"{amount} drops are due, the nodes have {short.available}") from short
    return Earning.objects.create(
        node=node,
        account=account,
        kind=kind,
        amount=amount,
        reference=reference,
        journal=journal,
        at=journal.at,
    )


def pay_for_keeping(user: User, *, amount: int, reference: str) -> Journal:
    """Take drops from a person for the nodes that will keep a content, once per reference.

    Raises BadAmount, InsufficientFunds, ReferenceReused: then nothing was moved.
    """
    if amount <= 0:
        raise BadAmount(amount)
    legs = [(ledger.account_of(user), -amount), (ledger.house(Account.Kind.NODES), amount)]
    return ledger.post(reference=f"keeping:{reference}", kind=Journal.Kind.KEEPING, entries=legs)


def of(user: User, *, since: datetime | None = None) -> Earned:
    """What all nodes of a person earned, of all time or since then; one query."""
    rows = Earning.objects.filter(account__owner=user)
    if since is not None:
        rows = rows.filter(at__gte=since)
    sums = rows.values_list("kind").order_by().annotate(Sum("amount"))
    return Earned(**{kind: int(drops) for kind, drops in sums})


def by_day(user: User, *, days: int = 30) -> list[DayEarned]:
    """The last days one by one, the oldest first, today the last; days without work are nothing."""
    first = limits.today() - timedelta(days=days - 1)
    rows = Earning.objects.filter(
        account__owner=user, at__gte=datetime.combine(first, time.min, UTC)
    )
    dated = rows.annotate(day=TruncDate("at", tzinfo=UTC)).values_list("day", "kind").order_by()
    found: dict[date, dict[str, int]] = {}
    for day, kind, drops in dated.annotate(Sum("amount")):
        found.setdefault(day, {})[kind] = int(drops)
    span = (first + timedelta(days=number) for number in range(days))
    return [DayEarned(day, Earned(**found.get(day, {}))) for day in span]


def _same(made: Earning, asked: tuple[int, str, int]) -> Earning:
    if (made.node_id, made.kind, made.amount) != asked:
        raise ReferenceReused(made.reference)
    return made

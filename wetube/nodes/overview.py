"""What an operator sees of all their nodes together: one balance, earnings by task, each machine.

Every amount is of the same rows the payments were made by, so the page cannot say something else.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from wetube.cloudcoin import ledger, limits
from wetube.nodes import earnings
from wetube.nodes.earnings import Earned
from wetube.nodes.models import Audit, Earning, Lease, Node
from wetube.people.models import User
from wetube.settlement import payouts, standing
from wetube.settlement.models import StandingOrder, Withdrawal

AUDIT_DAYS = 30


@dataclass(frozen=True)
class Sums:
    """Drops. `available` is the one balance, wherever its coin came from; `paid` left it on chain.

    `asked` was asked out and can be cancelled, `rooted` is in a payout. `next_at` is None where
    nothing is paid out on chain.
    """

    available: int
    today: Earned
    month: Earned
    total: Earned
    asked: int
    rooted: int
    paid: int
    next_at: datetime | None
    order: StandingOrder | None


@dataclass(frozen=True)
class Machine:
    """One node as a line of the list. Sizes are bytes, earned drops, audits of the last days."""

    node: Node
    leases: int
    leased: int
    passed: int
    judged: int
    earned: int

    @property
    def taken(self) -> float:
        """The part of what the node sells that is under lease, 0 to 1."""
        return min(1.0, self.leased / self.node.capacity) if self.node.capacity else 0.0


def sums(user: User) -> Sums:
    """The money of all the person's nodes."""
    day = datetime.combine(limits.today(), time.min, UTC)
    due = payouts.due(user)
    paid = Withdrawal.objects.filter(account__owner=user, state=Withdrawal.State.PAID)
    return Sums(
        available=ledger.account_of(user).available,
        today=earnings.of(user, since=day),
        month=earnings.of(user, since=day.replace(day=1)),
        total=earnings.of(user),
        asked=due.asked,
        rooted=due.rooted,
        paid=int(paid.aggregate(drops=Sum("amount", default=0))["drops"]),
        next_at=payouts.next_at(),
        order=standing.of(user),
    )


def machines(user: User) -> list[Machine]:
    """All the person's nodes, those that are there first; a query a column."""
    return _machines(Node.objects.filter(operator__user=user))


def machine(node: Node) -> Machine:
    return _machines(Node.objects.filter(pk=node.pk))[0]


def payments(user: User, node: Node | None = None) -> QuerySet[Earning]:
    """What was paid for which task and when, the newest first."""
    rows = Earning.objects.filter(account__owner=user).select_related("node")
    if node is not None:
        rows = rows.filter(node=node)
    return rows.order_by("-at", "-pk")


def _machines(nodes: QuerySet[Node]) -> list[Machine]:
    found = list(nodes.select_related("operator").order_by("joined", "pk"))
    held = _by_node(
        Lease.objects.filter(node__in=found, state=Lease.State.HELD), Count("pk"), Sum("size")
    )
    since = timezone.now() - timedelta(days=AUDIT_DAYS)
    judged = Audit.objects.filter(node__in=found, asked__gte=since).exclude(state="asked")
    proved = _by_node(judged, Count("pk"), Count("pk", filter=Q(state=Audit.State.PASSED)))
    earned = _by_node(Earning.objects.filter(node__in=found), Sum("amount"))
    lines = []
    for node in found:
        leases, leased = held.get(node.pk, (0, 0))
        asked, passed = proved.get(node.pk, (0, 0))
        (drops,) = earned.get(node.pk, (0,))
        lines.append(Machine(node, leases, leased, passed, asked, drops))
    order = (Node.State.ACTIVE, Node.State.LEAVING, Node.State.JOINING, Node.State.SUSPECT)
    return sorted(lines, key=lambda line: _place(line.node.state, order))


def _by_node(
    rows: "QuerySet[Lease] | QuerySet[Audit] | QuerySet[Earning]", *columns: Count | Sum
) -> dict[int, tuple[int, ...]]:
    """The aggregates of each node's rows."""
    named = {f"column_{place}": column for place, column in enumerate(columns)}
    values = rows.order_by().values_list("node_id").annotate(**named)
    return {node: tuple(map(int, sums)) for node, *sums in values}


def _place(state: str, order: tuple[str, ...]) -> int:
    return order.index(state) if state in order else len(order)

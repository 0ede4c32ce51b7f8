"""The house's own view: what it holds on chain and elsewhere, and to whom it belongs."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import Count, F, Sum

from wetube.cloudcoin import limits
from wetube.cloudcoin.models import Account, Charge


@dataclass(frozen=True)
class Line:
    """All accounts of one kind: how many, and what they hold together, in drops.

    What is held outside these books counts up, as a holding; `held` is charged but not settled.
    """

    kind: str
    accounts: int
    amount: int
    held: int


@dataclass(frozen=True)
class Holdings:
    """Two columns that sum to the same: where the coin is, and whose it is."""

    held: tuple[Line, ...]
    owed: tuple[Line, ...]

    @property
    def total_held(self) -> int:
        return sum(line.amount for line in self.held)

    @property
    def total_owed(self) -> int:
        return sum(line.amount for line in self.owed)

    @property
    def difference(self) -> int:
        """Nothing, unless the books are broken."""
        return self.total_held - self.total_owed


@dataclass(frozen=True)
class Taken:
    """What charges of one kind brought in a time: to all, and of that to each, in drops."""

    kind: str
    charges: int
    amount: int
    payees: int
    nodes: int
    gateway: int


def now() -> Holdings:
    """One query."""
    sums = Account.objects.values_list("kind").order_by("kind")
    lines = {
        kind: Line(kind, count, int(balance), int(held))
        for kind, count, balance, held in sums.annotate(
            Count("pk"), Sum(F("balance")), Sum(F("held"))
        )
    }
    outside = (_turned(lines[kind]) for kind in Account.OUTSIDE if kind in lines)
    inside = (lines[kind] for kind in Account.Kind.values if kind in lines)
    return Holdings(
        tuple(outside), tuple(line for line in inside if line.kind not in Account.OUTSIDE)
    )


def taken(*, days: int | None = None) -> list[Taken]:
    """By kind of charge, what stands: of the last days (UTC, today with them), or of all time."""
    standing = Charge.objects.standing()
    if days is not None:
        first = limits.today() - timedelta(days=days - 1)
        standing = standing.filter(at__gte=datetime.combine(first, time.min, UTC))
    sums = standing.values_list("kind").order_by("kind")
    shares = ("amount", "payee_share", "nodes_share", "gateway_share")
    rows = sums.annotate(Count("pk"), *(Sum(share) for share in shares))
    return [Taken(kind, count, *(int(drops) for drops in found)) for kind, count, *found in rows]


def _turned(line: Line) -> Line:
    return Line(line.kind, line.accounts, -line.amount, line.held)

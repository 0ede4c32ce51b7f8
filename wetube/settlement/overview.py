"""What the operator is shown of the coin: what it is for, what waits, and what would not go."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wetube.chain import deployment
from wetube.chain.models import ChainTx, Deployment
from wetube.cloudcoin.models import Account
from wetube.settlement import posting, reconciling
from wetube.settlement.models import ClaimRow, Credited, InvariantRun, PayoutRoot

MOST = 20
STATEMENTS: dict[str, Promise] = {
    "I1": _("Every journal is balanced."),
    "I2": _("All balances together are nothing, and each is the sum of its entries."),
    "I3": _("Nobody is overdrawn; what is held was charged."),
    "I4": _("Signed tabs owe no more than is signed for, and that is locked on chain."),
    "I5": _("Tabs grow by their charges, to the drop."),
    "I6": _("Nothing is claimed of a channel that was not charged."),
    "I7": _("Every charge is settled once and split by its rate card."),
    "I8": _("Payouts only grow, are what was asked for, and are covered by the vault."),
    "I9": _("The books hold what the chain holds."),
    "I10": _("Blind tokens in people’s hands are backed."),
    "I11": _("New coin keeps to the schedule."),
    "I12": _("The chain of journals is whole, and the database guards it."),
    "I13": _("Nodes are paid for each task once, and no more of a view than is theirs."),
}


@dataclass(frozen=True)
class Holding:
    """One of the house's accounts; `drops` are what it holds, in the books or outside."""

    label: str
    drops: int


@dataclass(frozen=True)
class Line:
    """What must be true, and whether it was when last checked."""

    statement: Promise
    run: InvariantRun


@dataclass(frozen=True)
class Overview:
    """Put together in a dozen queries, however much there is."""

    place: Deployment | None
    holdings: list[Holding]
    invariants: list[Line]
    root: PayoutRoot | None
    unanswered: list[Credited]
    quarantined: list[ClaimRow]
    waiting: int
    failed: list[ChainTx]


def look() -> Overview:
    return Overview(
        place=deployment.current(),
        holdings=_holdings(),
        invariants=[Line(STATEMENTS[run.invariant], run) for run in reconciling.newest()],
        root=posting.unposted(),
        unanswered=list(_unanswered()[:MOST]),
        quarantined=list(_quarantined()[:MOST]),
        waiting=ChainTx.objects.filter(state__in=ChainTx.PENDING).count(),
        failed=list(ChainTx.objects.filter(state=ChainTx.State.FAILED).order_by("-pk")[:MOST]),
    )


def _holdings() -> list[Holding]:
    """Coin held outside these books is written there with a minus; people read it without."""
    people = (Account.Kind.PERSON, Account.Kind.SIGNED, Account.Kind.WALLET)
    rows = Account.objects.exclude(kind__in=people).order_by("pk")
    return [
        Holding(
            account.get_kind_display(),
            -account.balance if account.kind in Account.OUTSIDE else account.balance,
        )
        for account in rows
    ]


def _unanswered() -> QuerySet[Credited]:
    return Credited.objects.exclude(error="").select_related("event").order_by("-pk")


def _quarantined() -> QuerySet[ClaimRow]:
    rows = ClaimRow.objects.filter(run=None).select_related("escrow")
    return rows.exclude(escrow__state="closed").order_by("-at")

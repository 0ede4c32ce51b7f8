"""What must be true of the books at every moment; whatever is not is named, row by row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import BigIntegerField, Count, F, Q, Sum, Window
from django.db.models.functions import Coalesce

from wetube.cloudcoin import hash_chain
from wetube.cloudcoin.models import Account, Charge, Entry, Journal, Refund, Rollup, Tab
from wetube.cloudcoin.snapshot import one_moment

GUARDS = 15
TRIGGERS = {
    "sqlite": (
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'cloudcoin_%'"
    ),
    "postgresql": (
        "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'cloudcoin_%' AND tgenabled = 'O'"
    ),
}


@dataclass(frozen=True)
class Broken:
    """One row for which an invariant does not hold."""

    invariant: str
    row: str
    finding: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.row}: {self.finding}"


def check() -> list[Broken]:
    """Everything that is wrong with the books at one moment; an empty list when they are right."""
    with one_moment():
        return [broken for test in TESTS for broken in test()]


def journals_balance() -> Iterator[Broken]:
    """I1: the entries of each journal sum to nothing."""
    sums = Journal.objects.annotate(sum=Coalesce(Sum("entries__amount"), 0))
    odd = sums.annotate(legs=Count("entries")).filter(~Q(sum=0) | Q(legs__lt=2))
    for journal in odd:
        yield Broken(
            "I1", f"journal {journal.reference}", f"its {journal.legs} entries sum to {journal.sum}"
        )


def balances_sum_to_nothing() -> Iterator[Broken]:
    """I2: all balances together are nothing, and each is the sum of its entries."""
    total = Account.objects.aggregate(total=Coalesce(Sum("balance"), 0))["total"]
    if total:
        yield Broken("I2", "all accounts", f"the balances sum to {total}")
    posted = Account._base_manager.annotate(posted=Coalesce(Sum("entries__amount"), 0))
    for account in posted.exclude(posted=F("balance")):
        finding = f"holds {account.balance}, its entries say {account.posted}"
        yield Broken("I2", str(account), finding)


def nobody_is_overdrawn() -> Iterator[Broken]:
    """I3: only coin held outside counts below nothing, and held is what was charged, unsettled."""
    for account in Account.objects.exclude(kind__in=Account.OUTSIDE).filter(balance__lt=F("held")):
        yield Broken("I3", str(account), f"has {account.balance}, of which {account.held} is held")
    waiting = Coalesce(Sum("tab__charges__amount", filter=Q(tab__charges__rollup=None)), 0)
    for account in Account._base_manager.annotate(waiting=waiting).exclude(waiting=F("held")):
        finding = f"holds back {account.held}, its unsettled charges say {account.waiting}"
        yield Broken("I3", str(account), finding)


def tabs_add_up() -> Iterator[Broken]:
    """I5: a tab grows by each charge's amount, and its charges sum to what it says."""
    charged = Tab._base_manager.annotate(sum=Coalesce(Sum("charges__amount"), 0))
    for tab in charged.exclude(sum=F("charged")).select_related("account"):
        yield Broken(
            "I5", f"tab of {tab.account}", f"says {tab.charged}, its charges sum to {tab.sum}"
        )
    running = Window(Sum("amount"), partition_by="tab", order_by="cumulative")
    for charge in Charge._base_manager.annotate(running=running).exclude(cumulative=F("running")):
        finding = (
            f"says {charge.cumulative} so far, the tab's charges up to it say {charge.running}"
        )
        yield Broken("I5", f"charge {charge.key}", finding)


def charges_are_split_by_their_card() -> Iterator[Broken]:
    """I7: each charge's shares are its rate card's, to the drop."""
    whole = BigIntegerField()
    split = Charge.objects.annotate(
        nodes=Coalesce(F("amount") * F("ratecard__nodes_ppm") / 1_000_000, 0, output_field=whole),
        gateway=Coalesce(
            F("amount") * F("ratecard__gateway_ppm") / 1_000_000, 0, output_field=whole
        ),
    )
    right = Q(
        nodes_share=F("nodes"),
        gateway_share=F("gateway"),
        payee_share=F("amount") - F("nodes") - F("gateway"),
    )
    for charge in split.exclude(right):
        shares = f"{charge.payee_share} + {charge.nodes_share} + {charge.gateway_share}"
        yield Broken("I7", f"charge {charge.key}", f"splits {charge.amount} into {shares}")


def rollups_are_their_charges() -> Iterator[Broken]:
    """I7: a roll-up's journal moves exactly what its charges say, and lies within its ends."""
    house = dict(Account.objects.exclude(kind=Account.Kind.PERSON).values_list("kind", "pk"))
    for rollup in Rollup.objects.select_related("journal").iterator(chunk_size=500):
        if rollup.journal is None:
            yield Broken("I7", str(rollup), "was never posted")
            continue
        posted = Entry.objects.filter(journal=rollup.journal).values_list("account", "amount")
        if sorted(posted) != sorted(_legs_of(rollup, house)):
            finding = "its journal does not move what its charges say"
            yield Broken("I7", f"journal {rollup.journal.reference}", finding)
    strays = Charge.objects.exclude(rollup=None)
    for charge in strays.exclude(pk__gte=F("rollup__first"), pk__lte=F("rollup__last")):
        yield Broken("I7", f"charge {charge.key}", "lies outside its roll-up's ends")


def refunds_are_whole() -> Iterator[Broken]:
    """I7: a refund gives the payer the whole charge."""
    back = Q(journal__entries__account=F("charge__tab__account"))
    given = Refund.objects.annotate(given=Coalesce(Sum("journal__entries__amount", filter=back), 0))
    for refund in given.select_related("charge").exclude(given=F("charge__amount")):
        finding = f"gave {refund.given} of {refund.charge.amount}"
        yield Broken("I7", f"refund of charge {refund.charge.key}", finding)


def journals_are_chained() -> Iterator[Broken]:
    """I12: every journal's hash is its content's, and names the journal before it."""
    for row, finding in hash_chain.faults():
        yield Broken("I12", row, finding)


def database_guards_stand() -> Iterator[Broken]:
    """I12: the triggers that keep the books as written are in place."""
    query = TRIGGERS.get(connection.vendor)
    if query is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchone()[0]
    if found != GUARDS:
        yield Broken(
            "I12", "the database", f"has {found} of {GUARDS} triggers that guard the books"
        )


TESTS: tuple[Callable[[], Iterator[Broken]], ...] = (
    journals_balance,
    balances_sum_to_nothing,
    nobody_is_overdrawn,
    tabs_add_up,
    charges_are_split_by_their_card,
    rollups_are_their_charges,
    refunds_are_whole,
    journals_are_chained,
    database_guards_stand,
)


def _legs_of(rollup: Rollup, house: dict[str, int]) -> list[tuple[int, int]]:
    charges = rollup.charges.order_by()
    payers = charges.values_list("tab__account").annotate(Sum("amount"))
    payees = charges.values_list("payee").annotate(Sum("payee_share"))
    shares = charges.aggregate(nodes=Sum("nodes_share"), gateway=Sum("gateway_share"))
    legs = [(account, -int(drops)) for account, drops in payers]
    legs += [(account, int(drops)) for account, drops in payees]
    legs += [(house[kind], int(drops or 0)) for kind, drops in shares.items() if drops]
    return [(account, drops) for account, drops in legs if drops]

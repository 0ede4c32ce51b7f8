"""Invariants of tabs, escrows, charges and what became of them: I4, I5, I6 and I7."""

from collections.abc import Iterator

from django.db.models import BigIntegerField, F, Max, OuterRef, Q, Subquery, Sum, Window
from django.db.models.functions import Coalesce

from wetube.cloudcoin.findings import Broken, Since
from wetube.cloudcoin.models import Account, Charge, Entry, Escrow, Refund, Rollup, Tab


def signed_tabs_are_covered(since: Since) -> Iterator[Broken]:
    """I4: what was charged is signed for, and what is signed for is locked on chain.

    An escrow that is no longer open may hold less: its payer took back what was not claimed.
    """
    escrows = Escrow.objects.select_related("tab").annotate(
        owed=F("tab__charged") - F("tab__refunded"), locked=F("deposited") + F("unconfirmed")
    )
    for escrow in escrows.filter(owed__gt=F("signed")).order_by("pk"):
        yield Broken("I4", str(escrow), f"owes {escrow.owed}, its voucher says {escrow.signed}")
    uncovered = escrows.filter(state=Escrow.State.OPEN, signed__gt=F("locked") + F("tab__refunded"))
    for escrow in uncovered.order_by("pk"):
        yield Broken("I4", str(escrow), f"has {escrow.locked} locked, signed are {escrow.signed}")


def tabs_add_up(since: Since) -> Iterator[Broken]:
    """I5: a tab grows by each charge's amount, and its charges sum to what it says."""
    fresh = Charge.objects.filter(pk__gt=since.charge).order_by()
    sums = {tab: int(drops) for tab, drops in fresh.values_list("tab").annotate(Sum("amount"))}
    old = Charge.objects.filter(pk__lte=since.charge, tab__in=sums).order_by()
    base = dict(old.values_list("tab").annotate(Max("cumulative"))) if since.charge else {}
    newest = Charge.objects.filter(tab=OuterRef("pk")).order_by("-cumulative").values("cumulative")
    said = Tab.objects.annotate(newest=Coalesce(Subquery(newest[:1]), 0))
    for tab in said.select_related("account").order_by("pk").iterator():
        sum_ = base.get(tab.pk, 0) + sums[tab.pk] if tab.pk in sums else tab.newest  # type: ignore[attr-defined]  # annotated
        if sum_ != tab.charged:
            finding = f"says {tab.charged}, its charges sum to {sum_}"
            yield Broken("I5", f"tab of {tab.account}", finding)
    running = Window(Sum("amount"), partition_by="tab", order_by="cumulative")
    steps = fresh.annotate(running=running).order_by("tab", "cumulative")
    for key, tab_pk, cumulative, so_far in steps.values_list(
        "key", "tab", "cumulative", "running"
    ).iterator():
        right = base.get(tab_pk, 0) + int(so_far)
        if cumulative != right:
            finding = f"says {cumulative} so far, the tab's charges up to it say {right}"
            yield Broken("I5", f"charge {key}", finding)


def claims_are_charged(since: Since) -> Iterator[Broken]:
    """I6: nothing was claimed of a channel that was not charged to its tab."""
    over = Escrow.objects.filter(claimed__gt=F("tab__charged")).select_related("tab")
    for escrow in over.order_by("pk"):
        finding = f"had {escrow.claimed} claimed, charged were {escrow.tab.charged}"
        yield Broken("I6", str(escrow), finding)


def charges_are_split_by_their_card(since: Since) -> Iterator[Broken]:
    """I7: each charge's shares are its rate card's, to the drop."""
    whole = BigIntegerField()
    split = Charge.objects.filter(pk__gt=since.charge).annotate(
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


def rollups_are_their_charges(since: Since) -> Iterator[Broken]:
    """I7: a roll-up's journal moves exactly what its charges say, and lies within its ends."""
    kinds = (Account.Kind.NODES, Account.Kind.GATEWAY)
    house = dict(Account.objects.filter(kind__in=kinds).values_list("kind", "pk"))
    fresh = Rollup.objects.filter(pk__gt=since.rollup).select_related("journal")
    for rollup in fresh.order_by("pk").iterator(chunk_size=500):
        if rollup.journal is None:
            yield Broken("I7", str(rollup), "was never posted")
            continue
        posted = Entry.objects.filter(journal=rollup.journal).values_list("account", "amount")
        if sorted(posted) != sorted(_legs_of(rollup, house)):
            finding = "its journal does not move what its charges say"
            yield Broken("I7", f"journal {rollup.journal.reference}", finding)
    strays = Charge.objects.filter(rollup__gt=since.rollup)
    for charge in strays.exclude(pk__gte=F("rollup__first"), pk__lte=F("rollup__last")):
        yield Broken("I7", f"charge {charge.key}", "lies outside its roll-up's ends")


def refunds_are_whole(since: Since) -> Iterator[Broken]:
    """I7: a refund gives the payer the whole charge."""
    back = Q(journal__entries__account=F("charge__tab__account"))
    fresh = Refund.objects.filter(journal__gt=since.journal)
    given = fresh.annotate(given=Coalesce(Sum("journal__entries__amount", filter=back), 0))
    for refund in given.select_related("charge").exclude(given=F("charge__amount")):
        finding = f"gave {refund.given} of {refund.charge.amount}"
        yield Broken("I7", f"refund of charge {refund.charge.key}", finding)


def _legs_of(rollup: Rollup, house: dict[str, int]) -> list[tuple[int, int]]:
    charges = rollup.charges.order_by()
    payers = charges.values_list("tab__account").annotate(Sum("amount"))
    payees = charges.values_list("payee").annotate(Sum("payee_share"))
    shares = charges.aggregate(nodes=Sum("nodes_share"), gateway=Sum("gateway_share"))
    legs = [(account, -int(drops)) for account, drops in payers]
    legs += [(account, int(drops)) for account, drops in payees]
    legs += [(house[kind], int(drops or 0)) for kind, drops in shares.items() if drops]
    return [(account, drops) for account, drops in legs if drops]

"""Payout roots: those who wait get a leaf each, with all they were ever given, under one root.

Only the books are touched here; `posting` brings the root to the chain.
"""

import logging

from django.db import transaction
from django.db.models import Max

from wetube.chain.merkle import Tree
from wetube.cloudcoin import ledger
from wetube.settlement import standing
from wetube.settlement.models import PayoutLeaf, PayoutRoot, Withdrawal

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 5000
Leaves = list[tuple[str, int]]


def make_root(*, funds: int) -> PayoutRoot | None:
    """Put those who wait, first come first served, under the next root; None if nobody is.

    `funds` are the drops that all roots together may give: what the vault holds and has paid.
    No root is made while the one before is not on the chain for good.
    """
    if PayoutRoot.objects.filter(posted_at=None).exists():
        return None
    standing.carry_out(_next_seq())
    return _make_root(funds)


def leaves_of(root: PayoutRoot) -> Leaves:
    """Every address's cumulative drops as this root has them, in the order of the addresses."""
    newest = PayoutLeaf.objects.filter(root__seq__lte=root.seq).values_list("address")
    return [
        (who, int(drops)) for who, drops in newest.annotate(Max("cumulative")).order_by("address")
    ]


@transaction.atomic
def _make_root(funds: int) -> PayoutRoot | None:
    """The book's lock comes first: no two roots at once, and nobody cancels meanwhile."""
    ledger.open_book()
    if PayoutRoot.objects.filter(posted_at=None).exists():
        return None
    before = PayoutRoot.objects.order_by("-seq").first()
    given = before.total if before else 0
    chosen = _affordable(funds - given)
    if not chosen:
        return None
    grown = _grown(chosen)
    total = given + sum(withdrawal.amount for withdrawal in chosen)
    root = PayoutRoot(seq=_next_seq(), total=total)
    leaves = {**dict(leaves_of(before) if before else []), **grown}
    root.root = f"0x{Tree(sorted(leaves.items())).root.hex()}"
    root.save()
    PayoutLeaf.objects.bulk_create(
        [PayoutLeaf(root=root, address=who, cumulative=drops) for who, drops in grown.items()]
    )
    for withdrawal in chosen:
        withdrawal.move_to(Withdrawal.State.ROOTED, root=root, cumulative=withdrawal.cumulative)
    logger.info("Payout root %d gives %d drops to %d people", root.seq, total - given, len(grown))
    return root


def _next_seq() -> int:
    return (PayoutRoot.objects.aggregate(last=Max("seq"))["last"] or 0) + 1


def _affordable(funds: int) -> list[Withdrawal]:
    """Those who waited longest, as far as the coin goes; who does not fit waits, and all behind."""
    waiting = Withdrawal.objects.filter(state=Withdrawal.State.ASKED).order_by("asked_at", "pk")
    chosen = []
    for withdrawal in waiting[:MOST_AT_ONCE]:
        funds -= withdrawal.amount
        if funds < 0:
            logger.warning("Withdrawal %s waits: the vault holds too little", withdrawal.key)
            break
        chosen.append(withdrawal)
    return chosen


def _grown(chosen: list[Withdrawal]) -> dict[str, int]:
    """What each address was given in all, these withdrawals included and noted on each."""
    newest = PayoutLeaf.objects.filter(address__in={one.address for one in chosen})
    given = {
        who: int(drops) for who, drops in newest.values_list("address").annotate(Max("cumulative"))
    }
    for withdrawal in chosen:
        given[withdrawal.address] = given.get(withdrawal.address, 0) + withdrawal.amount
        withdrawal.cumulative = given[withdrawal.address]
    return {one.address: given[one.address] for one in chosen}
